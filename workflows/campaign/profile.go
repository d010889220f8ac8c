// This file reads the profiles: what goes wrong in a campaign, how often, and how
// long, with a source or a reason for every number.

package campaign

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/keystay/keystay/activities/nuki/nukisim"
	"github.com/keystay/keystay/workflows"
)

//go:embed profiles.yaml
var profilesYAML []byte

// Profile is one kind of world.
type Profile struct {
	Name string `json:"name"`
	Says string `json:"says"`
	// Always are knobs that hold all the time: ways of being, none of which
	// makes the API lie.
	Always nukisim.Faults `json:"always"`
	// NoWebhooks is an account that Nuki has not approved for them.
	NoWebhooks bool `json:"no_webhooks"`
	// House gives the worlds another shape: one main door for all.
	House *House `json:"house"`
	// Disturbances come and go, each on each lock by itself.
	Disturbances []Disturbance `json:"disturbances"`
	// Besides are more of them, for a profile that shares the others with another one.
	Besides []Disturbance `json:"besides"`
	Why     string        `json:"why"`
	// Answers are those to the open questions of a profile that was made of them.
	Answers []Chosen `json:"-"`
}

// Disturbance is something that goes wrong on one lock for a while.
type Disturbance struct {
	Name string `json:"name"`
	// Every is the mean time between two of them on one lock; each lasts from
	// Shortest to Longest, evenly.
	Every    workflows.Duration `json:"every"`
	Shortest workflows.Duration `json:"shortest"`
	Longest  workflows.Duration `json:"longest"`
	// Offline: the lock has no connection.
	Offline bool `json:"offline"`
	// Faults are the knobs that are on meanwhile.
	Faults nukisim.Faults `json:"faults"`
	// Act is what somebody does once in the phone app to an entry of a stay that
	// is on the lock then: "delete", "disable" or "unrestrict".
	Act string `json:"act"`
	Why string `json:"why"`
}

// Profiles are all profiles, in the order of the file.
func Profiles() ([]Profile, error) { return parseProfiles(profilesYAML) }

// ProfileNamed finds a profile, or a row of the cover of the open questions.
func ProfileNamed(name string) (Profile, error) {
	if row, ok, err := questionRow(name); ok || err != nil {
		return row, err
	}
	all, err := Profiles()
	if err != nil {
		return Profile{}, err
	}
	var names []string
	for _, profile := range all {
		if profile.Name == name {
			return profile, nil
		}
		names = append(names, profile.Name)
	}
	return Profile{}, fmt.Errorf("no profile %q: there are %s", name, strings.Join(names, ", "))
}

func parseProfiles(text []byte) ([]Profile, error) {
	var profiles []Profile
	if err := strictly(text, &profiles); err != nil {
		return nil, err
	}
	for i := range profiles {
		profile := &profiles[i]
		profile.Disturbances = append(slices.Clone(profile.Disturbances), profile.Besides...)
		if err := profile.validate(); err != nil {
			return nil, fmt.Errorf("profile %q: %w", profile.Name, err)
		}
	}
	return profiles, nil
}

// strictly reads YAML and refuses what it does not know. It goes by way of JSON, in
// which the simulator names its knobs.
func strictly(text []byte, into any) error {
	var raw any
	if err := yaml.Unmarshal(text, &raw); err != nil {
		return err
	}
	asJSON, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// staysPerWorld is how many stays a world of the profile has.
func (p Profile) staysPerWorld() int {
	if p.House != nil {
		return p.House.Stays
	}
	return StaysPerWorld
}

func (p Profile) validate() error {
	if p.Name == "" || p.Says == "" || p.Why == "" {
		return errors.New("needs a name, a sentence of what it is, and a reason for its numbers")
	}
	if !honest(p.Always) {
		return errors.New("has knobs in always that make the API lie: then no stay could be kept")
	}
	if p.House != nil {
		if err := p.House.validate(); err != nil {
			return err
		}
	}
	for _, disturbance := range p.Disturbances {
		if err := disturbance.validate(); err != nil {
			return fmt.Errorf("disturbance %q: %w", disturbance.Name, err)
		}
	}
	return nil
}

func (d Disturbance) validate() error {
	switch {
	case d.Name == "" || d.Why == "":
		return errors.New("needs a name and a reason for its numbers")
	case d.Every <= 0:
		return errors.New("needs a positive mean time between two")
	case d.Act == "" && (d.Shortest <= 0 || d.Longest < d.Shortest):
		return errors.New("needs a shortest time above 0 and a longest one not below it")
	case d.Act != "" && d.Act != actDelete && d.Act != actDisable && d.Act != actUnrestrict:
		return fmt.Errorf("unknown act %q", d.Act)
	}
	return nil
}

// What somebody may do in the phone app.
const (
	actDelete     = "delete"
	actDisable    = "disable"
	actUnrestrict = "unrestrict"
)

// lateBy is how long after its end a disturbance may still do something.
func (d Disturbance) lateBy() time.Duration {
	return max(d.Faults.LateBy.D(), d.Faults.LatencyMax.D(), d.Faults.DeafFor.D())
}
