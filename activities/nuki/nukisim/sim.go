// This file is the simulation as a whole: its locks, and what a test or a
// demonstration does to them.

package nukisim

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"
)

// Config makes a simulation.
type Config struct {
	// Seed decides every fault.
	Seed uint64
	// Clock defaults to the machine's.
	Clock Clock
	// Token is demanded as a bearer token of every call; empty accepts any.
	Token string
	// OAuthToken is taken as well, and is the only one that may register decentral
	// webhooks: it stands for one with the scope webhook.decentral of an approved
	// integration. Empty is an account without any.
	OAuthToken string
	// WebhookURL and WebhookSecret: where events go, and the key of their
	// signature. No URL is an account without webhooks.
	WebhookURL, WebhookSecret string
	// Deliver takes webhooks instead of a POST to WebhookURL, on the goroutine
	// of the clock.
	Deliver func(body []byte, signature string)
	Locks   []LockConfig
	// Faults are those of every lock that has none of its own.
	Faults Faults
	// Record keeps every state that a lock's own table ever had, for OpenedAt
	// and HeldAt.
	Record bool
	// Trace takes one line of plain words, never a code, for all that happens on
	// a lock; lock 0 is none of them. It is called under the simulation's mutex,
	// so it must not call back.
	Trace func(at time.Time, lock int64, text string)
	// HTTPClient delivers webhooks.
	HTTPClient *http.Client
}

// LockConfig is one smart lock with its keypad.
type LockConfig struct {
	ID   int64
	Name string
	// TimeZone defaults to Europe/Vienna.
	TimeZone string
	// Capacity is how many codes the keypad holds; 0 means 100.
	Capacity int
	NoKeypad bool
	Offline  bool
	// Spells are times without a connection.
	Spells []Spell
	// Faults replace the simulation's.
	Faults *Faults
	// Disturbances are faults made in advance.
	Disturbances []Disturbance
}

// Spell is a time without a connection.
type Spell struct{ From, Until time.Time }

const defaultCapacity = 100

// Sim is a simulated Nuki account.
type Sim struct {
	cfg    Config
	mu     sync.Mutex
	locks  map[int64]*lock
	order  []int64
	posts  sync.WaitGroup
	closed bool
	recent []Delivery
	// decentral are the registered webhooks; registered counts those there ever were.
	decentral  []decentralWebhook
	registered int
	// requests count those that are of no lock.
	requests map[string]int
	// edges are those of disturbances that were not traced yet.
	edges []edge
}

// lock is one smart lock: the cloud's view of it, and itself.
type lock struct {
	cfg   LockConfig
	clock Clock
	zone  *time.Location
	// faults are the lock's own; regimes are those that hold, by time.
	faults  Faults
	regimes []regime
	offline bool
	updated time.Time
	// cloud is the list that the API answers; before is what it was before its
	// last change; table is what the keypad obeys.
	cloud, before, table []*entry
	// tables are the states that the table had, where a record is kept.
	record bool
	tables []tableState
	// operations are in flight; late ones have no operationId any more.
	operations, late []*operation
	log              []logRow
	// accepted is when the last update of an entry was accepted.
	accepted map[string]time.Time
	// draws count what was drawn; made counts authorization numbers.
	draws    map[drawKey]int
	once     map[string]int
	made     int
	requests map[string]int
	buffer   []byte
}

// New makes a simulation.
func New(cfg Config) *Sim {
	if cfg.Clock == nil {
		cfg.Clock = RealClock()
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = &http.Client{Timeout: 10 * time.Second}
	}
	s := &Sim{cfg: cfg, locks: map[int64]*lock{}, requests: map[string]int{}}
	for _, lockConfig := range cfg.Locks {
		s.add(lockConfig)
	}
	return s
}

func (s *Sim) add(cfg LockConfig) {
	if cfg.Capacity == 0 {
		cfg.Capacity = defaultCapacity
	}
	if cfg.TimeZone == "" {
		cfg.TimeZone = "Europe/Vienna"
	}
	if cfg.Name == "" {
		cfg.Name = fmt.Sprintf("Lock %d", cfg.ID)
	}
	cfg.Disturbances = inOrder(cfg.Disturbances)
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	l := &lock{
		cfg: cfg, clock: s.cfg.Clock, record: s.cfg.Record, zone: zone, faults: s.cfg.Faults, offline: cfg.Offline, updated: s.cfg.Clock.Now(),
		accepted: map[string]time.Time{}, draws: map[drawKey]int{}, once: map[string]int{}, requests: map[string]int{},
	}
	if cfg.Faults != nil {
		l.faults = *cfg.Faults
	}
	l.faults.mustCheck()
	l.plan(time.Time{})
	s.planEdges(l)
	s.locks[cfg.ID] = l
	s.order = append(s.order, cfg.ID)
	for _, spell := range cfg.Spells {
		if !spell.Until.After(s.cfg.Clock.Now()) {
			continue // Over already: on a real clock its two edges would race.
		}
		s.after(spell.From.Sub(s.cfg.Clock.Now()), func() { s.setOffline(l, true) })
		s.after(spell.Until.Sub(s.cfg.Clock.Now()), func() { s.setOffline(l, false) })
	}
}

// after runs f under the simulation's mutex once d has passed.
func (s *Sim) after(d time.Duration, f func()) {
	s.cfg.Clock.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			f()
		}
	})
}

// Close ends deliveries; what is under way may end.
func (s *Sim) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.posts.Wait()
}

// with runs f on a lock under the mutex; an unknown lock is a mistake of the
// caller's.
func (s *Sim) with(id int64, f func(l *lock)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.locks[id]
	if l == nil {
		panic(fmt.Sprintf("nukisim: no lock %d", id))
	}
	f(l)
}

// SetFaults replaces a lock's own knobs; disturbances stay. A knob that says what
// it cannot say is a mistake of the caller's.
func (s *Sim) SetFaults(id int64, faults Faults) {
	s.with(id, func(l *lock) { l.setFaults(faults.mustCheck()) })
}

// Faults are a lock's own knobs, without disturbances.
func (s *Sim) Faults(id int64) (faults Faults) {
	s.with(id, func(l *lock) { faults = l.faults })
	return faults
}

// Once makes the next draw of a knob come true, by the knob's JSON name; a name
// that no chance has is a mistake of the caller's.
func (s *Sim) Once(id int64, knob string) {
	if !slices.Contains(chances, knob) {
		panic("nukisim: no chance of the name " + knob)
	}
	s.with(id, func(l *lock) { l.once[knob]++ })
}

// SetOffline takes a lock's connection away, or gives it back.
func (s *Sim) SetOffline(id int64, offline bool) {
	s.with(id, func(l *lock) { s.setOffline(l, offline) })
}

func (s *Sim) setOffline(l *lock, offline bool) {
	if l.offline == offline {
		return
	}
	l.offline = offline
	s.say(l, "the connection is", map[bool]string{true: "lost", false: "back"}[offline])
	if !l.faultsNow().OfflineHidden {
		l.updated = s.cfg.Clock.Now()
		s.emit(l, subject{"connection", "status"}, statusEvent(l))
	}
	if !offline {
		s.resume(l)
	}
}

// SetWebhook changes where events go.
func (s *Sim) SetWebhook(url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.WebhookURL, s.cfg.WebhookSecret = url, secret
}

// Stats counts the requests of one lock by operation.
func (s *Sim) Stats(id int64) map[string]int {
	counted := map[string]int{}
	s.with(id, func(l *lock) {
		for name, n := range l.requests {
			counted[name] = n
		}
	})
	return counted
}

// Locks are the ids in the order of the configuration.
func (s *Sim) Locks() []int64 { return append([]int64(nil), s.order...) }

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
