// This file runs a campaign: many worlds at once, each for every strategy.

package campaign

import (
	"fmt"
	"runtime"
	"sync"
)

// Strategy is a way to keep stays.
type Strategy struct {
	Name string
	Run  func(plan *Plan, keep bool) (*Log, error)
}

// Strategies are Keystay and what it is compared with.
var Strategies = []Strategy{
	{"Keystay", Keystay},
	{"fire and forget", FireAndForget},
	{"the post's workaround", Workaround},
}

// Options say what to run.
type Options struct {
	Profile    Profile
	Seed       uint64
	Stays      int
	Strategies []Strategy
}

// StaysPerWorld is small enough for one world to be read, and large enough that
// its locks are busy.
const StaysPerWorld = 48

// Result is what one strategy came to, with the worlds in which it failed its aims.
type Result struct {
	Figures  Figures
	Failures []Failure
	// Hash is the fingerprint of all worlds together.
	Hash string
}

// Failure is an aim that was missed in one world.
type Failure struct {
	World int
	Stays int
	Stay  string
	Aim   string
}

// Run runs every world for every strategy, several at once.
func Run(options Options) ([]Result, error) {
	var results []Result
	for _, strategy := range options.Strategies {
		worlds, err := runWorlds(options, strategy)
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", strategy.Name, options.Profile.Name, err)
		}
		result := Result{Figures: Figures{Profile: options.Profile.Name, Strategy: strategy.Name}}
		hashes := ""
		for _, world := range worlds {
			result.Figures.merge(world.figures)
			result.Failures = append(result.Failures, world.failures...)
			hashes += world.hash
		}
		result.Hash = fmt.Sprintf("%016x", mixed(0, hashes))
		result.Figures.finish()
		results = append(results, result)
	}
	return results, nil
}

// worldResult is what became of one world.
type worldResult struct {
	figures  Figures
	failures []Failure
	hash     string
}

func runWorlds(options Options, strategy Strategy) ([]worldResult, error) {
	perWorld := options.Profile.staysPerWorld()
	worlds := (options.Stays + perWorld - 1) / perWorld
	results, errs := make([]worldResult, worlds), make([]error, worlds)
	next := make(chan int)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for world := range next {
				stays := min(perWorld, options.Stays-world*perWorld)
				results[world], errs[world] = runWorld(options, strategy, world, stays)
			}
		})
	}
	for world := range worlds {
		next <- world
	}
	close(next)
	all.Wait()
	for world, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("world %d: %w", world, err)
		}
	}
	return results, nil
}

func runWorld(options Options, strategy Strategy, world, stays int) (worldResult, error) {
	plan := NewPlan(options.Profile, options.Seed, world, stays)
	log, err := strategy.Run(plan, false)
	if err != nil {
		return worldResult{}, err
	}
	result := worldResult{hash: log.Hash()}
	if log.RanAway {
		result.failures = append(result.failures, Failure{World: world, Stays: stays, Stay: plan.Stays[0].ID, Aim: "asked without end"})
	}
	for _, stay := range plan.Stays {
		verdict := judge(plan, log, stay)
		result.figures.add(verdict)
		for _, aim := range verdict.missed() {
			result.failures = append(result.failures, Failure{World: world, Stays: stays, Stay: stay.ID, Aim: aim})
		}
	}
	result.figures.Events = float64(log.Events)
	result.figures.Audits, result.figures.MostSyncs = float64(log.Audits), log.mostSyncs()
	for _, failure := range result.figures.atDoor(plan, log) {
		failure.World, failure.Stays = world, stays
		result.failures = append(result.failures, failure)
	}
	for _, stay := range log.Astray {
		result.failures = append(result.failures, Failure{World: world, Stays: stays, Stay: stay, Aim: "a write was sent to a lock known to be offline"})
	}
	result.figures.Astray = len(log.Astray)
	result.figures.Touched = touched(plan, log)
	result.figures.RanAway = one(log.RanAway)
	result.figures.addRequests(log.sim.Total())
	return result, nil
}

// touched counts foreign codes that are not on their lock any more.
func touched(plan *Plan, log *Log) int {
	n := 0
	for _, lock := range plan.Locks {
		held := map[string]bool{}
		for _, name := range log.sim.HeldAt(lock.ID, plan.Ends) {
			held[name] = true
		}
		for _, code := range lock.Foreign {
			n += one(!held[code.Name])
		}
	}
	return n
}

// missed are the aims that a stay missed.
func (v Verdict) missed() []string {
	var all []string
	if v.Expected && v.Feasible && !v.Kept() {
		all = append(all, "a feasible stay was not kept")
	}
	for _, ending := range v.Endings {
		if ending.Feasible && !ending.InTime {
			all = append(all, "an ended PIN opened for too long")
		}
	}
	if v.Left > 0 {
		all = append(all, "an entry was left behind")
	}
	if v.Changed {
		all = append(all, "a told PIN was changed silently")
	}
	return all
}

// Replay runs one stay's world again and tells all that happened to it.
func Replay(profile Profile, seed uint64, world, stays int, stay string) (string, error) {
	plan := NewPlan(profile, seed, world, stays)
	log, err := Keystay(plan, true)
	if err != nil {
		return "", err
	}
	for _, candidate := range plan.Stays {
		if candidate.ID == stay {
			verdict := judge(plan, log, candidate)
			return fmt.Sprintf("%s\n%+v\n", log.timeline(stay, candidate.locks()), verdict), nil
		}
	}
	return "", fmt.Errorf("world %d has no stay %s", world, stay)
}
