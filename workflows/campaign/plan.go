// This file makes a world in advance: its locks, what goes wrong with them and
// when, and who stays where. Nothing of it depends on a strategy.

package campaign

import (
	"fmt"
	"time"

	"github.com/keystay/keystay/activities/nuki"
	"github.com/keystay/keystay/activities/nuki/nukisim"
)

// Plan is one world.
type Plan struct {
	Profile Profile
	Seed    uint64
	World   int
	// Begins is when the world begins; Ends is when every stay is long over.
	Begins, Ends time.Time
	Locks        []*PlannedLock
	Stays        []*Stay
}

// PlannedLock is one lock with all that will happen to it.
type PlannedLock struct {
	ID       int64
	Foreign  []ForeignCode
	Troubles []Trouble
	// Always are the knobs that hold all the time.
	Always nukisim.Faults

	zone *time.Location
}

// ForeignCode is an entry that is nobody's business but the host's.
type ForeignCode struct {
	Name string
	PIN  nuki.PIN
}

// Trouble is a disturbance with its time. One in the phone app concerns a stay
// and has no length.
type Trouble struct {
	Disturbance
	From, Until time.Time
	Stay        *Stay
}

// vienna is where all locks are.
var vienna = mustLoad("Europe/Vienna")

func mustLoad(zone string) *time.Location {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return location
}

// firstDay is when every world begins; a day like others.
var firstDay = time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)

const (
	// staysPerUnit and unitsPerHouse give a world its shape: flats with a door
	// each, in houses with one more and a garage.
	staysPerUnit  = 6
	unitsPerHouse = 4
	// aftermath is how long a world goes on after its last stay: a look after
	// seven days is part of every removal.
	aftermath = 9 * 24 * time.Hour

	firstUnitLock  = int64(18298712000)
	firstHouseLock = int64(18298715000)
	firstSpareLock = int64(18298718000)
	firstGarage    = int64(18298719000)
)

// NewPlan makes a world of so many stays.
func NewPlan(profile Profile, seed uint64, world, stays int) *Plan {
	p := &Plan{Profile: profile, Seed: mixed(seed, "world", world), World: world, Begins: firstDay}
	if profile.House != nil {
		p.bookHouse(stays)
		p.setEnd()
		p.addLock(houseLock(0))
		return p
	}
	units := max(1, (stays+staysPerUnit-1)/staysPerUnit)
	for unit := range units {
		p.bookUnit(unit, min(staysPerUnit, stays-len(p.Stays)))
	}
	p.setEnd()
	for unit := range units {
		p.addLock(unitLock(unit))
		if unit%unitsPerHouse == 0 {
			p.addLock(houseLock(unit))
			p.addLock(spareLock(unit))
			p.addLock(garageLock(unit))
		}
	}
	return p
}

// setEnd ends the world when every stay is long over.
func (p *Plan) setEnd() {
	p.Ends = p.Begins
	for _, stay := range p.Stays {
		p.Ends = later(p.Ends, stay.latestEnd().Add(aftermath))
	}
}

func unitLock(unit int) int64   { return firstUnitLock + int64(unit) }
func houseLock(unit int) int64  { return firstHouseLock + int64(unit/unitsPerHouse) }
func spareLock(unit int) int64  { return firstSpareLock + int64(unit/unitsPerHouse) }
func garageLock(unit int) int64 { return firstGarage + int64(unit/unitsPerHouse) }

// addLock plans what happens to a lock.
func (p *Plan) addLock(id int64) {
	lock := &PlannedLock{ID: id, Always: p.Profile.Always, zone: vienna}
	random := newDice(p.Seed, "foreign", id)
	for n := range 3 + random.IntN(6) {
		lock.Foreign = append(lock.Foreign, ForeignCode{Name: fmt.Sprintf("Cleaning %d", n+1), PIN: random.pin()})
	}
	for n, disturbance := range p.Profile.Disturbances {
		lock.Troubles = append(lock.Troubles, p.troubles(id, disturbance, newDice(p.Seed, "trouble", id, n))...)
	}
	p.Locks = append(p.Locks, lock)
}

// troubles are all of one disturbance on one lock.
func (p *Plan) troubles(lock int64, disturbance Disturbance, random dice) []Trouble {
	var all []Trouble
	at := p.Begins.Add(random.wait(disturbance.Every.D()))
	for at.Before(p.Ends) {
		until := at.Add(random.between(disturbance.Shortest.D(), disturbance.Longest.D()))
		trouble := Trouble{Disturbance: disturbance, From: at, Until: until}
		if disturbance.Act != "" {
			trouble.Until = at
			trouble.Stay = p.someoneOn(lock, at, random)
		}
		if disturbance.Act == "" || trouble.Stay != nil {
			all = append(all, trouble)
		}
		at = until.Add(time.Second + random.wait(disturbance.Every.D()))
	}
	return all
}

// someoneOn is a stay that should have an entry on a lock at a moment.
func (p *Plan) someoneOn(lock int64, at time.Time, random dice) *Stay {
	var found []*Stay
	for _, stay := range p.Stays {
		if stay.entitled(lock, at) || stay.entitled(lock, at.Add(12*time.Hour)) {
			found = append(found, stay)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found[random.IntN(len(found))]
}

// lock finds a lock.
func (p *Plan) lock(id int64) *PlannedLock {
	for _, lock := range p.Locks {
		if lock.ID == id {
			return lock
		}
	}
	return nil
}

// configs are the locks as the simulator wants them.
func (p *Plan) configs() []nukisim.LockConfig {
	var all []nukisim.LockConfig
	for _, lock := range p.Locks {
		config := nukisim.LockConfig{ID: lock.ID, Name: fmt.Sprintf("Lock %d", lock.ID), TimeZone: lock.zone.String()}
		for _, trouble := range lock.Troubles {
			switch {
			case trouble.Act != "":
			case trouble.Offline:
				config.Spells = append(config.Spells, nukisim.Spell{From: trouble.From, Until: trouble.Until})
			default:
				config.Disturbances = append(config.Disturbances, nukisim.Disturbance{
					From: trouble.From, Until: trouble.Until, Faults: trouble.Faults,
				})
			}
		}
		all = append(all, config)
	}
	return all
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pin is a PIN as somebody may have chosen it.
func (d dice) pin() nuki.PIN {
	for {
		pin, err := nuki.ParsePIN(fmt.Sprint(100000 + d.IntN(900000)))
		if err == nil {
			return pin
		}
	}
}
