package campaign
import ("testing";"time";"fmt")
func TestSpeed(t *testing.T) {
	p, err := ProfileNamed("clean")
	if err != nil { t.Fatal(err) }
	for _, n := range []int{1, 12, 48, 100, 200} {
		plan := NewPlan(p, 1, 0, n)
		began := time.Now()
		log, err := Keystay(plan, false)
		d := time.Since(began)
		if err != nil { t.Fatal(err) }
		total := 0
		for _, l := range plan.Locks { for _, c := range log.sim.Stats(l.ID) { total += c } }
		ready := 0
		for _, s := range plan.Stays { w := s.last(); if log.claimAt(s.ID, w.StartsAt).Status == "ready" { ready++ } }
		fmt.Println(n, d, "per stay", d/time.Duration(n), "requests", total/n, "events", log.Events/n, "told", len(log.Told), "ready", ready, log.Hash())
	}
}
