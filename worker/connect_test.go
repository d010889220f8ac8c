// This file tests how Temporal is found and reached, and what is said where it is not.

package worker

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// clearTemporal hides the machine's own settings for Temporal from a test.
func clearTemporal(t *testing.T) {
	t.Helper()
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TEMPORAL_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name) // t.Setenv restores it at the end.
		}
	}
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
}

func TestConfig_ReadsTemporalsOwnSettings(t *testing.T) {
	const profiles = "[profile.prod]\naddress = \"temporal.example:7233\"\nnamespace = \"prod\"\n[profile.prod.tls]\n"
	tests := []struct {
		name   string
		env    map[string]string
		file   string
		config Config
		want   Target
		tls    bool
	}{
		{"nothing is set", nil, "", Config{}, Target{"localhost:7233", "default"}, false},
		{"variables", map[string]string{"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_NAMESPACE": "stays"}, "",
			Config{}, Target{"there:7233", "stays"}, false},
		{"TLS is asked for", map[string]string{"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_TLS": "true"}, "",
			Config{}, Target{"there:7233", "default"}, true},
		{"an API key implies TLS", map[string]string{"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_API_KEY": "k"}, "",
			Config{}, Target{"there:7233", "default"}, true},
		{"a profile", map[string]string{"TEMPORAL_PROFILE": "prod"}, profiles,
			Config{}, Target{"temporal.example:7233", "prod"}, true},
		{"a variable wins over the profile", map[string]string{"TEMPORAL_PROFILE": "prod", "TEMPORAL_NAMESPACE": "stays"}, profiles,
			Config{}, Target{"temporal.example:7233", "stays"}, true},
		{"an override of the namespace alone", map[string]string{"TEMPORAL_ADDRESS": "there:7233", "TEMPORAL_NAMESPACE": "stays"}, "",
			Config{Namespace: "mine"}, Target{"there:7233", "mine"}, false},
		{"an override of the address leaves the environment's secrets out",
			map[string]string{"TEMPORAL_API_KEY": "k", "TEMPORAL_NAMESPACE": "stays"}, "",
			Config{HostPort: "127.0.0.1:9"}, Target{"127.0.0.1:9", "default"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clearTemporal(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			if test.file != "" {
				t.Setenv("TEMPORAL_CONFIG_FILE", writeFile(t, test.file))
			}
			checkTarget(t, test.config, test.want, test.tls)
		})
	}
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "temporal.toml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func checkTarget(t *testing.T, config Config, want Target, tls bool) {
	t.Helper()
	got, err := config.Target()
	if err != nil || got != want {
		t.Errorf("Target() = %v, %v; want %v", got, err, want)
	}
	config.Codec = codecOf(t, newKey, ReturnError)
	options, err := config.clientOptions()
	if err != nil {
		t.Fatal(err)
	}
	if (options.ConnectionOptions.TLS != nil) != tls {
		t.Errorf("TLS = %v, want %v", options.ConnectionOptions.TLS, tls)
	}
	if options.DataConverter == nil || options.FailureConverter == nil || options.Logger == nil {
		t.Error("the client lacks a converter or the logger")
	}
	if options.DisableWorkerEnvironmentInfo {
		t.Error("the worker hides its environment from `temporal worker describe`")
	}
}

func TestConfig_SaysWhereBadSettingsAre(t *testing.T) {
	clearTemporal(t)
	t.Setenv("TEMPORAL_PROFILE", "nowhere")
	_, err := Config{}.Target()
	checkSays(t, err, []string{"TEMPORAL_CONFIG_FILE", "nowhere"})
}

func TestDial_RefusesToSpeakInPlainText(t *testing.T) {
	for name, dial := range map[string]func() (client.Client, error){
		"Dial":     func() (client.Client, error) { return Dial(t.Context(), Config{HostPort: "127.0.0.1:9"}) },
		"DialLazy": func() (client.Client, error) { return DialLazy(Config{HostPort: "127.0.0.1:9"}) },
	} {
		if _, err := dial(); err == nil || !strings.Contains(err.Error(), "no payload codec") {
			t.Errorf("%s: error = %v, want one about the missing codec", name, err)
		}
	}
}

func TestDial_SaysWhatToCheck(t *testing.T) {
	codec := codecOf(t, newKey, ReturnError)
	tests := []struct {
		name string
		fake *fakeTemporal
		ns   string
		says []string
	}{
		{"the namespace is not there", &fakeTemporal{}, "elsewhere",
			[]string{`namespace "elsewhere"`, "no such namespace", "TEMPORAL_NAMESPACE", "namespace create --namespace elsewhere"}},
		{"the credentials do not suffice", &fakeTemporal{describeError: serviceerror.NewPermissionDenied("no", "")}, "stays",
			[]string{`namespace "stays"`, "may not use", "TEMPORAL_API_KEY"}},
		{"all is well", &fakeTemporal{}, "stays", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := test.fake.serve(t)
			c, err := Dial(t.Context(), Config{HostPort: address, Namespace: test.ns, Codec: codec})
			if c != nil {
				defer c.Close()
			}
			if test.says != nil {
				test.says = append(test.says, address)
			}
			checkSays(t, err, test.says)
		})
	}
}

func TestDial_SaysThatNobodyAnswers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := Dial(ctx, Config{HostPort: "127.0.0.1:1", Codec: codecOf(t, newKey, ReturnError)})
	checkSays(t, err, []string{"Temporal at 127.0.0.1:1", `namespace "default"`, "does not answer", "TEMPORAL_ADDRESS", "TEMPORAL_TLS"})
}

func TestDialLazy_ReturnsWhileTemporalIsAway(t *testing.T) {
	c, err := DialLazy(Config{HostPort: "127.0.0.1:1", Codec: codecOf(t, newKey, ReturnError)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := CheckNamespace(ctx, c, Target{"127.0.0.1:1", "stays"}); err == nil {
		t.Error("the namespace is there though no server is")
	}
}
