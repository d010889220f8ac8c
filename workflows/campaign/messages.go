// This file is all bookings' messages of a world in order of time.

package campaign

import (
	"fmt"
	"sort"
	"time"
)

// stayMessage is a message with the stay that it is about.
type stayMessage struct {
	Message
	stay *Stay
}

// messages are those of all stays, in order of time.
func (s *stage) messages() []stayMessage {
	var all []stayMessage
	for _, stay := range s.plan.Stays {
		for _, message := range stay.Messages {
			all = append(all, stayMessage{Message: message, stay: stay})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
	return all
}

func (m stayMessage) describe() string {
	window := m.Wish.Window()
	var doors []int64
	for _, door := range m.Wish.Locks {
		doors = append(doors, door.SmartlockID%10000)
	}
	return fmt.Sprintf("%s: %s, %s to %s, doors …%v", m.What, m.Wish.Status,
		window.From.Format(time.DateTime), window.Until.Format(time.DateTime), doors)
}
