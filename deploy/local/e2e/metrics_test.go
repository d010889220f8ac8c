// This file scrapes a running system: its metrics must be right, and no others
// than those that the table, the dashboard and the alert rules name.

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/deploy/local/stack"
	"github.com/keystay/keystay/workflows"
)

// sample is one line of a scrape: name{labels} value.
var sample = regexp.MustCompile(`^([a-z_]+)(\{.*\})? (\S+)$`)

// scrape reads all samples, by name and labels as they are written.
func (s *system) scrape() map[string]float64 {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.Metrics, nil)
	if err != nil {
		s.Fatal(err)
	}
	answer := s.exchange(request)
	s.expect(answer, http.StatusOK)
	all := map[string]float64{}
	for line := range strings.Lines(string(answer.body)) {
		if match := sample.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
			all[match[1]+match[2]], err = strconv.ParseFloat(match[3], 64)
			if err != nil {
				s.Fatalf("%q: %v", line, err)
			}
		}
	}
	return all
}

// awaitSample waits until a scrape shows a value; counts in Temporal are renewed
// every 10 s.
func (s *system) awaitSample(name string, want float64) {
	s.Helper()
	s.awaitWithin(45*time.Second, fmt.Sprintf("%s is %v", name, want), func() (bool, string) {
		got, there := s.scrape()[name]
		return there && got == want, fmt.Sprintf("%v, there: %v", got, there)
	})
}

// raised is the gauge of one reason for attention of stays.
func raised(kind workflows.Attention) string {
	return fmt.Sprintf(`keystay_attention{kind="%s",of="%s"}`, kind, workflows.ReservationWorkflowType)
}

func TestMetrics_OfOneReadyStay(t *testing.T) {
	s := start(t, stack.Options{})
	began := time.Now()
	s.put("MEASURED", stayFrom(time.Now().Add(8*time.Second), time.Hour, "432426", frontDoor))
	s.awaitStatus("MEASURED", "ready")
	took := time.Since(began)
	s.awaitSample(`keystay_stays{status="ready"}`, 1)

	all := s.scrape()
	for name, want := range map[string]float64{
		`keystay_stays{status="pending"}`:                                                  0,
		`keystay_counted`:                                                                  1,
		`keystay_time_to_proof_seconds_count`:                                              1,
		`keystay_slack_at_proof_seconds_count`:                                             1,
		`keystay_slack_at_proof_seconds_bucket{le="0"}`:                                    0,
		`keystay_slack_at_proof_seconds_bucket{le="900"}`:                                  1,
		`keystay_nuki_answers_total{class="2xx",operation="create authorization"}`:         1,
		`keystay_nuki_answers_total{class="5xx",operation="create authorization"}`:         0,
		`keystay_nuki_answers_total{class="2xx",operation="delete authorization"}`:         0,
		`keystay_webhook_events_total{outcome="bad_signature"}`:                            0,
		`keystay_door_news_total{kind="refused",said="ready"}`:                             0,
		raised(workflows.AttentionCallPerson):                                              0,
		fmt.Sprintf(`keystay_attention_raised_total{kind="%s"}`, workflows.AttentionGhost): 0,
	} {
		if got, there := all[name]; !there || got != want {
			t.Errorf("%s is %v (there: %v), want %v", name, got, there, want)
		}
	}
	// Proof cannot come faster than the door answers, nor later than it was seen.
	proof := all["keystay_time_to_proof_seconds_sum"]
	if proof < 0.02 || proof > took.Seconds() {
		t.Errorf("time to proof is %v s; ready was seen after %s", proof, took)
	}
	if all[`keystay_webhook_events_total{outcome="accepted"}`] == 0 {
		t.Error("no webhook was counted")
	}
	if created := sumOf(all, `keystay_decisions_total{action="create"`); created != 1 {
		t.Errorf("%v decisions to create, want 1", created)
	}
	s.checkTable(all)
}

func TestMetrics_OfAttentionThatComesAndGoes(t *testing.T) {
	s := start(t, stack.Options{})
	s.Sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 20, LatencyMax: 60, Fail: 1})
	s.put("TROUBLED", stayFrom(time.Now().Add(3*time.Second), time.Hour, "432426", frontDoor))
	s.awaitAttention("TROUBLED", string(workflows.AttentionCallPerson))
	s.awaitSample(raised(workflows.AttentionCallPerson), 1)
	s.awaitSample(`keystay_stays{status="failed"}`, 1)
	if n := sumOf(s.scrape(), `keystay_nuki_answers_total{class="5xx"`); n == 0 {
		t.Error("no failed answer was counted")
	}

	s.Sim.SetFaults(frontDoor, nukisim.Faults{LatencyMin: 20, LatencyMax: 60})
	s.awaitStatus("TROUBLED", "ready")
	s.awaitSample(raised(workflows.AttentionCallPerson), 0)
	all := s.scrape()
	if n := all[fmt.Sprintf(`keystay_attention_raised_total{kind="%s"}`, workflows.AttentionCallPerson)]; n != 1 {
		t.Errorf("the reason was raised %v times, want 1", n)
	}
	if late := all[`keystay_slack_at_proof_seconds_bucket{le="0"}`]; late != 1 {
		t.Errorf("%v proofs after check-in, want 1", late)
	}
}

// The program as it is shipped serves its metrics where the variable says.
func TestMetrics_OfTheProgram(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("KEYSTAY_METRICS_LISTEN", free.Addr().String())
	_ = free.Close()
	defer kill(t, s.run(s.build()))
	s.put("SHIPPED", stayFrom(time.Now().Add(8*time.Second), time.Hour, "432426", frontDoor))
	s.awaitStatus("SHIPPED", "ready")
	s.Metrics = "http://" + free.Addr().String() + "/metrics"
	all := s.scrape()
	if n := all[`keystay_time_to_proof_seconds_count`]; n != 1 {
		t.Errorf("the worker shows %v proofs, want 1", n)
	}
	if n := all[`keystay_nuki_answers_total{class="2xx",operation="create authorization"}`]; n != 1 {
		t.Errorf("the worker shows %v entries created, want 1", n)
	}
}

// sumOf adds up what begins alike.
func sumOf(all map[string]float64, prefix string) float64 {
	sum := 0.0
	for name, value := range all {
		if strings.HasPrefix(name, prefix) {
			sum += value
		}
	}
	return sum
}

// checkTable holds every sample of ours against the table: its name, its labels,
// and the words in them.
func (s *system) checkTable(all map[string]float64) {
	s.Helper()
	label := regexp.MustCompile(`([a-z_]+)="([^"]*)"`)
	for name := range all {
		bare, labels, _ := strings.Cut(name, "{")
		if !strings.HasPrefix(bare, "keystay_") {
			continue
		}
		of := slices.IndexFunc(workflows.Metrics, func(m workflows.Metric) bool { return slices.Contains(samplesOf(m), bare) })
		if of < 0 {
			s.Errorf("%s is not in the table", bare)
			continue
		}
		for _, match := range label.FindAllStringSubmatch(labels, -1) {
			if !allowed(workflows.Metrics[of], match[1], match[2]) {
				s.Errorf("%s: the table does not know %s", name, match[0])
			}
		}
	}
}

// samplesOf are the names under which Prometheus stores a metric.
func samplesOf(m workflows.Metric) []string {
	if m.Kind == workflows.MetricHistogram {
		return []string{m.Name + "_bucket", m.Name + "_sum", m.Name + "_count"}
	}
	return []string{m.Name}
}

func allowed(m workflows.Metric, label, word string) bool {
	if label == "le" && m.Kind == workflows.MetricHistogram {
		return true
	}
	return slices.ContainsFunc(m.Labels, func(known workflows.MetricLabel) bool {
		return known.Name == label && (known.Values == nil || slices.Contains(known.Values, word))
	})
}

// named are the metrics that a dashboard's or a rule's expressions name.
var named = regexp.MustCompile(`\b(?:keystay|temporal)_[a-z_]+\b`)

// What dashboard and rules name of the SDK's must be in a scrape; a failed
// workflow task is had from a worker without the key.
func TestMetrics_ThatDashboardAndRulesNameAreThere(t *testing.T) {
	s := start(t, stack.Options{NoWorker: true})
	s.put("NAMED", stayFrom(time.Now().Add(8*time.Second), time.Hour, "432426", frontDoor))
	stop := s.startWorker(stack.NewKeys("another"))
	s.awaitFailedTask(workflows.ReservationWorkflowID("NAMED"))
	stop()
	s.startWorker(s.CodecKeys)
	s.awaitStatus("NAMED", "ready")
	var there []string
	for _, m := range workflows.Metrics {
		there = append(there, samplesOf(m)...)
	}
	for name := range s.scrape() {
		bare, _, _ := strings.Cut(name, "{")
		if strings.HasPrefix(bare, "temporal_") {
			there = append(there, bare)
		}
	}
	for _, file := range []string{"dashboard.json", "alerts.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		names := named.FindAllString(string(data), -1)
		if len(names) < 10 {
			t.Errorf("%s names only %q: does the test still see them?", file, names)
		}
		for _, name := range names {
			if !slices.Contains(there, name) {
				t.Errorf("%s names %s, which nothing serves", file, name)
			}
		}
	}
}
