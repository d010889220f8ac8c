// This file lives whole lives of a reservation through the pure functions alone:
// messages, lies of the cloud and disturbances in any order, every property after
// every decision; and from wherever that led, an honest cloud must lead home.

package workflows

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keystay/keystay/activities"
	"github.com/keystay/keystay/activities/nuki"
)

// life is one reservation, its cloud, and the moment.
type life struct {
	*rapid.T
	state   *State
	cloud   *cloud
	keypad  *activities.Keypad
	version int64
	// until is what was last decided to wait for.
	until time.Time
	// unknown counts by lock the answers that it is unknown, since it last answered.
	unknown map[int64]int
	// told are the PINs that this run has told.
	told []nuki.PIN
	// forgot: a run without a memory looks on the doors that are wished now, and no
	// others, so that something may be left behind.
	forgot bool
	// orders counts the levers that were pulled.
	orders  int
	reached map[string]int
}

func TestLives_HoldEveryPropertyAndComeHomeOnceTheCloudIsHonest(t *testing.T) {
	often(t, 500)
	reached := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t, reached)
		l.book(func(*Wish) {})
		t.Repeat(map[string]func(*rapid.T){
			"":              func(*rapid.T) { l.turn() },
			"time passes":   func(*rapid.T) { l.pass() },
			"the wait ends": func(*rapid.T) { l.cloud.pass(l.until) },
			"a message":     func(*rapid.T) { l.message() },
			"a wake-up":     func(*rapid.T) { l.wakeUp() },
			"a person":      func(*rapid.T) { l.person() },
			"a caller asks": func(*rapid.T) { l.disclose() },
			"a disturbance": func(*rapid.T) { l.cloud.disturb(l.cloud.doors[of[int64](l.T, "door", 11, 12)], l.state.PINs) },
			"a new run":     func(*rapid.T) { l.handOver() },
			"a terminate":   func(*rapid.T) { l.forget() },
		})
		l.comeHome()
	})
	if want := 25; len(reached) < want && !testing.Short() { // A dozen lives under the race detector do not see them all.
		t.Errorf("all lives together met %d rows of the policy, want %d", len(reached), want)
	}
}

func newLife(t *rapid.T, reached map[string]int) *life {
	c := &cloud{t: t, now: checkIn.Add(-max(spans.Draw(t, "booked"), time.Minute)), lies: of(t, "lies", 0, 5, 20, 60), doors: map[int64]*lockInCloud{}}
	for _, id := range []int64{11, 12} {
		c.doors[id] = &lockInCloud{state: nuki.Smartlock{ID: id, KeypadPaired: true, UpdatedAt: c.now.Add(-time.Hour)}}
	}
	random := rand.NewChaCha8([32]byte{1})
	keypad := &activities.Keypad{Nuki: c, Random: random, Attempt: func(context.Context) int32 { return of[int32](t, "attempt", 1, 1, 2) }}
	return &life{T: t, state: newState("R1", nil), cloud: c, keypad: keypad, unknown: map[int64]int{}, reached: reached}
}

// book sends the last wish, changed, under the next version.
func (l *life) book(change func(*Wish)) {
	wish := Wish{StartsAt: checkIn, EndsAt: checkOut, Locks: []LockWish{{SmartlockID: 11}}}
	if l.state.Wish != nil {
		wish = *l.state.Wish
	}
	change(&wish)
	l.version++
	wish.Version = NumberVersion(l.version)
	l.state.put(Put{Wish: wish}, l.cloud.now)
}

func (l *life) message() {
	switch of(l.T, "message", "extend", "shorten", "arrive", "doors", "pin", "status", "withdraw", "same", "old") {
	case "extend":
		l.book(func(w *Wish) { w.EndsAt = w.EndsAt.Add(26 * time.Hour) })
	case "shorten":
		l.book(func(w *Wish) { w.EndsAt = w.EndsAt.Add(-5 * time.Hour) })
	case "arrive":
		l.book(func(w *Wish) { w.StartsAt = w.StartsAt.Add(of(l.T, "by", -9*time.Hour, 6*time.Hour)) })
	case "doors":
		both := []LockWish{{SmartlockID: 11}, {SmartlockID: 12}}
		l.book(func(w *Wish) { w.Locks = of(l.T, "doors", both, both[:1], both[1:]) })
	case "pin":
		l.book(func(w *Wish) {
			w.PIN.Mode, w.PIN.Code = Supplied, nuki.CodeOf(of[int32](l.T, "code", guestsPIN, 738495))
		})
	case "status":
		l.book(func(w *Wish) { w.Status = of(l.T, "status", Confirmed, CheckedIn, Tentative, Cancelled, CheckedOut) })
	case "withdraw":
		l.state.put(Put{Withdraw: &Withdraw{}}, l.cloud.now)
	case "same":
		l.book(func(*Wish) {})
	case "old":
		l.state.put(Put{Wish: Wish{Version: NumberVersion(0), StartsAt: checkIn, EndsAt: checkOut, Locks: []LockWish{{SmartlockID: 12}}}}, l.cloud.now)
	}
}

func (l *life) pass() {
	span := spans.Draw(l.T, "span")
	if maybe(l.T, 70, "less than an hour") {
		span = min(span, 40*time.Minute)
	}
	l.cloud.pass(l.cloud.now.Add(span))
}

func (l *life) wakeUp() {
	l.state.wake(Wake{Lock: of[int64](l.T, "lock", 11, 12), Reason: of(l.T, "reason", WakeEntry, WakeMark, WakeOnline)}, l.cloud.now)
}

// person pulls a lever, if it is not refused.
func (l *life) person() {
	i := rapid.IntRange(0, len(stayLevers)-1).Draw(l.T, "lever")
	l.pull(stayLevers[i], Order{SmartlockID: of[int64](l.T, "about", 0, 0, 11)})
}

// pull reports whether the lever was taken. By some of them a person lets a PIN go that
// was told.
func (l *life) pull(lever lever[*State], order Order) bool {
	l.orders++
	id, now := strconv.Itoa(l.orders), l.cloud.now
	if lever.refused(l.state, l.state.Orders, id, order, now) != nil {
		return false
	}
	answer := lever.once(l.state, &l.state.Orders, id, order, now)
	if again := lever.once(l.state, &l.state.Orders, id, order, now); again != answer {
		l.Fatalf("%s: %+v, and the second time %+v", lever.update.Name, answer, again)
	}
	if lever.update == UpdateRotatePIN || lever.update == UpdateAcknowledge && order.What != AcknowledgedGuestIn {
		l.told = nil
	}
	return true
}

// pullByName pulls a lever of the table, with every order that it takes.
func (l *life) pullByName(update Lever) {
	i := slices.IndexFunc(stayLevers, func(known lever[*State]) bool { return known.update == update })
	pulled := stayLevers[i]
	if pulled.choices == nil {
		l.pull(pulled, Order{})
		return
	}
	for _, choice := range pulled.choices(l.state, l.cloud.now) {
		l.pull(pulled, choice.Order)
	}
}

// disclose tells the PIN, where it may be told.
func (l *life) disclose() {
	if pin := l.state.pin(); pin != nil && l.state.notDisclosable(l.cloud.now) == "" {
		pin.ToldAt = earliest(pin.ToldAt, l.cloud.now)
		l.told = append(l.told, pin.PIN)
	}
}

// handOver carries the state over as continue-as-new does: DecideStay leaves it as
// it is, and decides the same of it in the next run.
func (l *life) handOver() {
	before, err := json.Marshal(l.state)
	stay := DecideStay(l.state, l.cloud.now)
	after, _ := json.Marshal(l.state)
	l.state = &State{}
	if err != nil || !bytes.Equal(before, after) || json.Unmarshal(after, l.state) != nil {
		l.Fatalf("the state has changed, or cannot be handed over: %v", err)
	}
	if next := DecideStay(l.state, l.cloud.now); next.Reason != stay.Reason || !next.Until.Equal(stay.Until) || !slices.Equal(next.Doors, stay.Doors) {
		l.Fatalf("in the next run %q until %s, in this one %q until %s", next.Reason, next.Until, stay.Reason, stay.Until)
	}
}

// forget begins a run without a memory, as after a terminate: the booking comes
// again, under a version of its own.
func (l *life) forget() {
	wish := l.state.Wish
	l.state, l.told, l.forgot = newState("R1", nil), nil, true
	l.book(func(w *Wish) { *w = *wish })
}

// rest is how many calls may follow one another before it is time to wait.
const rest = 60

// turn decides and acts until there is nothing to do but to wait.
func (l *life) turn() {
	for n := 0; l.act(); n++ {
		if n > rest {
			l.Fatalf("%d calls without a pause: %+v", n, l.state.Entries[0].Step)
		}
	}
	if !l.until.IsZero() && !l.until.After(l.cloud.now) {
		l.Fatalf("it is %s, and the wait is until %s", l.cloud.now, l.until)
	}
}

// act decides about the stay and each door, and does the first thing that is to be
// done. It is false where there is nothing.
func (l *life) act() bool {
	now, s := l.cloud.now, l.state
	stay := l.decideStay()
	s.follow(stay, now)
	if stay.ChoosePIN {
		l.choose(stay)
		return true
	}
	if l.until = stay.Until; s.Choosing.RetryAt.After(now) {
		l.until = earliest(l.until, s.Choosing.RetryAt)
	}
	for _, entry := range s.Entries {
		entry.Step = l.decide(s.situation(entry, now))
		switch step := entry.Step; step.Do {
		case ActDone:
		case ActWait:
			l.until = earliest(l.until, step.Until)
		case ActAskFreshPIN:
			if s.FreshPIN == "" {
				s.FreshPIN = step.Reason
				return true
			}
		default:
			l.call(entry, step)
			return true
		}
	}
	s.settleAsk()
	return false
}

// decide checks every property of a decision.
func (l *life) decide(s Situation) Step {
	step := Decide(s)
	l.reached[table(s.Entry.Absent)+step.Row]++
	l.Logf("%s lock %d shows %q: %s by %s, until %s", s.Now.Sub(s.CheckIn), s.Entry.Lock, s.Entry.Seen.Kind, step.Do, step.Row, step.Until.Sub(s.CheckIn))
	if unknown := l.unknown[s.Entry.Lock]; step.Row == "lock-gone" && s.Entry.Step.Row != step.Row && unknown < 3 {
		l.Fatalf("given up after %d answers that the lock is unknown", unknown)
	}
	for _, holds := range properties {
		if broken := holds(s, step); broken != "" {
			l.Fatalf("%s, by row %s: %s (%s)\n%+v", step.Do, step.Row, broken, step.Reason, s.Entry)
		}
	}
	return step
}

// decideStay checks what always holds of DecideStay.
func (l *life) decideStay() Stay {
	stay := DecideStay(l.state, l.cloud.now)
	switch {
	case stay.Reason == "":
		l.Fatalf("DecideStay says no reason")
	case stay.Over != "" && len(stay.Doors) > 0:
		l.Fatalf("doors are wished of a stay that is over: %s", stay.Over)
	case !stay.Until.IsZero() && !stay.Until.After(l.cloud.now):
		l.Fatalf("DecideStay waits until %s, and it is %s", stay.Until, l.cloud.now)
	case stay.ChoosePIN && len(l.state.PINs) > 0 && l.state.FreshPIN == "":
		l.Fatalf("a PIN is chosen that no door asked for")
	}
	supplied := l.state.Rotating || slices.ContainsFunc(l.state.PINs, func(r PINRecord) bool { return r.Source == Supplied })
	for _, pin := range l.told {
		if !supplied && !l.state.keeps(pin) {
			l.Fatalf("a PIN that was told is not kept, and the caller sent none")
		}
	}
	return stay
}

func (l *life) choose(stay Stay) {
	f := &flight{action: ActRead, began: l.cloud.now}
	input := activities.ChooseInput{Owner: l.state.owner(0), Adopt: stay.Adopt}
	for _, lock := range l.state.Wish.Locks {
		input.Locks = append(input.Locks, lock.SmartlockID)
	}
	if l.state.Wish.PIN.Mode == Supplied && l.state.FreshPIN == "" {
		input.PIN = l.state.Wish.PIN.Code
	}
	choice, err := l.keypad.ChoosePIN(context.Background(), input)
	l.answered(0, err)
	l.state.landChoice(f, choice, err, l.cloud.now)
}

// call performs a step's activity and takes its result in.
func (l *life) call(entry *Entry, step Step) {
	s, lock := l.state, entry.Lock
	f := &flight{action: step.Do, lock: lock, entry: entry, began: l.cloud.now, absent: entry.Absent, window: entry.Window}
	switch step.Do {
	case ActRead:
		reading, err := l.keypad.VerifyAuthorization(context.Background(), activities.VerifyInput{Lock: lock, Owner: s.owner(lock), WithLock: step.WithLock})
		l.answered(lock, err)
		s.landReading(f, &reading, err, l.cloud.now)
	case ActSync:
		s.synced(lock, l.cloud.now)
		err := l.keypad.SyncSmartlock(context.Background(), activities.SyncInput{Lock: lock})
		l.answered(lock, err)
		s.landSync(f, err, l.cloud.now)
	default:
		result, err := l.write(entry, step.Do)
		l.answered(lock, err)
		s.landWrite(f, result, err, l.cloud.now)
	}
}

func (l *life) write(entry *Entry, action Action) (activities.WriteResult, error) {
	ctx, owner := context.Background(), l.state.owner(entry.Lock)
	switch action {
	case ActCreate:
		return l.keypad.CreateAuthorization(ctx, activities.CreateInput{Lock: entry.Lock, Owner: owner, Name: entry.Name, PIN: entry.PIN, Window: entry.Window})
	case ActDelete:
		return l.keypad.DeleteAuthorization(ctx, activities.DeleteInput{Lock: entry.Lock, Owner: owner, AuthID: entry.AuthID})
	case ActRefresh:
		entry.Name = l.state.nextName(entry.Lock)
	}
	return l.keypad.UpdateAuthorization(ctx, activities.UpdateInput{
		Lock: entry.Lock, Owner: owner, AuthID: entry.AuthID, Name: entry.Name, PIN: entry.PIN, Window: entry.Window, Disarm: action == ActDisarm,
	})
}

// answered is the end of a call; meanwhile time has passed, and a message may come.
func (l *life) answered(lock int64, err error) {
	l.cloud.pass(l.cloud.now.Add(200 * time.Millisecond))
	if maybe(l.T, min(l.cloud.lies, 3), "meanwhile") {
		l.message()
	}
	switch {
	case err == nil:
		l.unknown[lock] = 0
	case errorType(err) == activities.ErrLockUnknown:
		l.unknown[lock]++
	}
}
