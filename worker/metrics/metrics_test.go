// This file tests what Prometheus is served: names, labels, and counters that begin at zero.

package metrics

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/workflows"
)

// scrape is what Prometheus would read.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.HTTP().ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, Path, nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("answered with %d: %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.String()
}

func newMetrics(t *testing.T) *Metrics {
	t.Helper()
	m, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLabelsThatTheTableDoesNotHave_AreDropped(t *testing.T) {
	m := newMetrics(t)
	tagged := m.Handler().WithTags(map[string]string{"namespace": "keystay", "reservation": "BK-1"})
	workflows.MetricAttentionRaised.Add(tagged, 2, "ghost_on_device")
	text := scrape(t, m)
	if !strings.Contains(text, "keystay_attention_raised_total{kind=\"ghost_on_device\"} 2\n") || strings.Contains(text, "BK-1") {
		t.Errorf("scraped:\n%s", text)
	}
}

func TestCounters_BeginAtZeroAndSayWhatTheyAre(t *testing.T) {
	text := scrape(t, newMetrics(t))
	for _, want := range []string{
		"# TYPE keystay_door_news_total counter\n",
		"keystay_door_news_total{kind=\"refused\",said=\"ready\"} 0\n",
		"# HELP keystay_nuki_answers_total " + workflows.MetricNukiAnswers.Help + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestNukiAnswers_AreSortedByWhatTheyMean(t *testing.T) {
	for want, err := range map[string]error{
		"2xx": nil, "unreadable": &nuki.Error{Status: 200}, "3xx": &nuki.Error{Status: 302}, "401": &nuki.Error{Status: 401},
		"429": &nuki.Error{Status: 429}, "4xx": &nuki.Error{Status: 409}, "5xx": &nuki.Error{Status: 503}, "no_answer": &nuki.Error{},
		"not_sent": &nuki.Error{Err: fmt.Errorf("%w: later", nuki.ErrNotSent)},
	} {
		m := newMetrics(t)
		Nuki(m.Handler())(nuki.Exchange{Operation: "sync", Err: err})
		if line := fmt.Sprintf("keystay_nuki_answers_total{class=%q,operation=\"sync\"} 1\n", want); !strings.Contains(scrape(t, m), line) {
			t.Errorf("%v is not counted as %s", err, want)
		}
	}
}

// The table names the client's operations anew, which keeps them to itself.
func TestNukiOperations_AreThoseOfTheClient(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "..", "activities", "nuki", "client.go"))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, match := range regexp.MustCompile(`operation: +"([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
		named = append(named, match[1])
	}
	known := slices.Sorted(slices.Values(workflows.MetricNukiAnswers.Labels[0].Values))
	slices.Sort(named)
	if !slices.Equal(named, known) {
		t.Errorf("the client has %q, the table %q", named, known)
	}
}

func TestServe_AnAddressInUseIsASentence(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = newMetrics(t).Serve(t.Context(), listener.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "KEYSTAY_METRICS_LISTEN") {
		t.Errorf("got %v", err)
	}
}
