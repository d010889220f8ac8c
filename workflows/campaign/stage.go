// This file is a world as every strategy meets it: the simulated account on a
// virtual clock, reached over HTTP, and a record of all that was done and said.

package campaign

import (
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

// stage is one world under way.
type stage struct {
	plan  *Plan
	clock *nukisim.VirtualClock
	sim   *nukisim.Sim
	// handler is the simulation's, made once.
	handler http.Handler
	client  *nuki.Client
	agenda  agenda
	log     *Log
	// in are the guests who have been in, by door.
	in map[visit]bool
	// auditing: what is asked now is asked by a lock's front desk for itself.
	auditing bool
	// report is what the host does about a guest who cannot get in; nil is nothing.
	report func(*Stay, int64)
	// now is the time of whoever drives the world.
	now func() time.Time
	// moved is called after every request, as it may have changed what happens
	// next in the simulation.
	moved func()
}

const (
	token  = "campaign"
	secret = "campaign"
)

// newStage opens a world. deliver takes webhooks; nil is an account without. keep
// records what the simulation does too, which costs time.
func newStage(plan *Plan, now func() time.Time, deliver func(body []byte), keep bool) (*stage, error) {
	s := &stage{in: map[visit]bool{}, plan: plan, clock: nukisim.NewVirtualClock(plan.Begins), log: newLog(plan), now: now}
	config := nukisim.Config{
		Seed: plan.Seed, Clock: s.clock, Token: token, Locks: plan.configs(), Faults: plan.Profile.Always,
		WebhookSecret: secret, Record: true,
	}
	if s.log.keep = keep; keep {
		config.Trace = s.log.traced
	}
	if deliver != nil && !plan.Profile.NoWebhooks {
		config.Deliver = func(body []byte, signature string) {
			if nuki.VerifySignature(secret, body, signature) {
				deliver(body)
			}
		}
	}
	s.sim = nukisim.New(config)
	for _, lock := range plan.Locks {
		for _, code := range lock.Foreign {
			s.sim.AddForeign(lock.ID, code.Name, code.PIN.Reveal(), plan.Begins.Add(-day), plan.Ends.Add(day))
		}
		for _, trouble := range lock.Troubles {
			if trouble.Act != "" {
				s.agenda.add(trouble.From, func() { s.inApp(lock.ID, trouble) })
			}
		}
	}
	s.guests()
	s.log.sim, s.handler = s.sim, s.sim.Handler()
	var err error
	s.client, err = nuki.New(nuki.Options{
		BaseURL: "http://nuki.campaign", Token: token, Now: now,
		HTTPClient: &http.Client{Transport: inProcess{s}}, RequestsPerSecond: 1e9, Burst: 1e9,
	})
	return s, err
}

// inProcess answers requests by the simulator's handler, at the world's time.
type inProcess struct{ stage *stage }

func (p inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	p.stage.clock.AdvanceTo(p.stage.now())
	p.stage.log.asked(request, p.stage.now(), p.stage.auditing)
	recorder := httptest.NewRecorder()
	p.stage.handler.ServeHTTP(recorder, request)
	if p.stage.moved != nil {
		p.stage.moved()
	}
	return recorder.Result(), nil
}

// inApp does what somebody does in the phone app to an entry of a stay.
func (s *stage) inApp(lock int64, trouble Trouble) {
	s.clock.AdvanceTo(s.now())
	for _, entry := range s.sim.Snapshot(lock).Table {
		if key, ok := stayOf(entry.Name); ok && key == trouble.Stay.ID {
			_, _ = s.sim.InApp(lock, edit(trouble.Act, entry))
			return
		}
	}
}

// tell records that a guest has been told a PIN.
func (s *stage) tell(stay *Stay, pin nuki.PIN) {
	s.log.Told = append(s.log.Told, Told{Stay: stay.ID, At: s.now(), PIN: pin})
}

// asks are the moments at which a stay's PIN is asked for, to tell it to the
// guest: days before, and again until the guest stands at the door.
func (s *Stay) asks() []time.Time {
	wish := s.last()
	booked := s.Messages[0].At
	var all []time.Time
	for _, before := range []time.Duration{48 * time.Hour, 6 * time.Hour, 30 * time.Minute, 5 * time.Minute, 0} {
		if at := wish.StartsAt.Add(-before); at.After(booked) {
			all = append(all, at)
		}
	}
	for _, after := range []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour} {
		all = append(all, later(booked, wish.StartsAt).Add(after))
	}
	for _, message := range s.Messages {
		all = append(all, message.At.Add(graceOfGuests))
	}
	return all
}

// graceOfGuests is how long after a booking or a change nobody expects a PIN to
// work.
const graceOfGuests = 5 * time.Minute

// supplied is the PIN that a wish brings along, if it does.
func supplied(wish workflows.Wish) (nuki.PIN, bool) {
	return wish.PIN.Code, wish.PIN.Mode == workflows.Supplied
}

// stayOf is the stay that an entry's name belongs to.
func stayOf(name string) (id string, ok bool) { return activities.KeyInName(mark, name) }

// mark begins the names of every strategy's entries.
const mark = "K-"

// edit is an act in the phone app on an entry.
func edit(act string, entry nukisim.EntryView) nukisim.AppEdit {
	return nukisim.AppEdit{
		ID: entry.ID, Delete: act == actDelete, Disable: act == actDisable, Unrestrict: act == actUnrestrict,
	}
}
