package temporal

// This file tests the Web UI: its page, its settings and its way to Temporal.

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestWebUI(t *testing.T) {
	const codec = "http://127.0.0.1:8080/codec"
	s := start(t, Options{CodecEndpoint: codec})
	t.Run("page and its script", func(t *testing.T) {
		page := get(t, s.UIURL()+"/")
		script := regexp.MustCompile(`/_app/[^"']+\.js`).FindString(page)
		if script == "" {
			t.Fatalf("no script in the page:\n%.500s", page)
		}
		get(t, s.UIURL()+script)
		get(t, s.UIURL()+"/namespaces/default/workflows")
	})
	t.Run("settings", func(t *testing.T) {
		var settings struct {
			DefaultNamespace string
			DisableNewsFetch bool
			Codec            struct{ Endpoint string }
		}
		if err := json.Unmarshal([]byte(get(t, s.UIURL()+"/api/v1/settings")), &settings); err != nil {
			t.Fatal(err)
		}
		if settings.Codec.Endpoint != codec || settings.DefaultNamespace != "default" || !settings.DisableNewsFetch {
			t.Fatalf("settings %+v", settings)
		}
	})
	t.Run("workflows", func(t *testing.T) {
		runGreet(t, dial(t, s), "seen")
		if body := get(t, s.UIURL()+"/api/v1/namespaces/default/workflows/seen"); !strings.Contains(body, `"greet"`) {
			t.Fatalf("the workflow's page would get %s", body)
		}
	})
	t.Run("changes need the page's token", func(t *testing.T) {
		response, err := http.Post(s.UIURL()+"/api/v1/namespaces/default/workflows/seen/terminate", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode < 400 || response.StatusCode == http.StatusNotFound {
			t.Fatalf("a change without the token: %s", response.Status)
		}
	})
}
