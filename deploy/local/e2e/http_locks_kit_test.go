// This file is what the tests of locks over HTTP share: their documents, their
// levers, and strangers' codes.

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// lock asks for one lock's document.
func (s *system) lock(id int64) reply {
	s.Helper()
	r := s.ask(http.MethodGet, fmt.Sprint("/v1/locks/", id), nil)
	s.expect(r, http.StatusOK)
	return r
}

// pull pulls a lever of a lock. A nil body sends none.
func (s *system) pull(lock int64, action string, body map[string]any, headers ...string) reply {
	s.Helper()
	r := request{method: http.MethodPost, path: fmt.Sprintf("/v1/locks/%d/actions/%s", lock, action), token: s.APIToken, headers: map[string]string{}}
	if body != nil {
		encoded, _ := json.Marshal(body)
		r.body = string(encoded)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.headers[headers[i]] = headers[i+1]
	}
	return s.send(r)
}

// lookOver has a lock looked over, and answers its document after that.
func (s *system) lookOver(lock int64) (r reply) {
	s.Helper()
	looks := s.lock(lock).text("audit.looks")
	answer := s.pull(lock, "audit", nil)
	s.expect(answer, http.StatusOK)
	s.expectAt(answer, map[string]string{"action": "audit", "says": "The lock's list is read and compared with what its reservations wish"})
	s.await("the lock is looked over", func() (bool, string) {
		r = s.lock(lock)
		return r.text("audit.looks") != looks, string(r.body)
	})
	return r
}

// entry is one code in a lock's document, by its id.
func (s *system) entry(r reply, authID string) map[string]any {
	s.Helper()
	entries, _ := r.at("entries").([]any)
	for _, entry := range entries {
		if fields := entry.(map[string]any); fields["auth_id"] == authID {
			return fields
		}
	}
	s.Fatalf("no entry %s in %s", authID, r.body)
	return nil
}

// listedLocks are the locks that a listing answers, sorted.
func (s *system) listedLocks(filters url.Values) (rows []int64) {
	s.Helper()
	r := s.ask(http.MethodGet, "/v1/locks?"+filters.Encode(), nil)
	s.expect(r, http.StatusOK)
	var page struct {
		Locks []struct {
			SmartlockID int64 `json:"smartlock_id"`
		}
	}
	if err := json.Unmarshal(r.body, &page); err != nil {
		s.Fatal(err)
	}
	for _, row := range page.Locks {
		rows = append(rows, row.SmartlockID)
	}
	slices.Sort(rows)
	return rows
}

// awaitLocksListed waits until a listing of locks answers these: it follows with a delay.
func (s *system) awaitLocksListed(name, value string, want ...int64) {
	s.Helper()
	s.await(fmt.Sprintf("%s=%s lists %v", name, value, want), func() (bool, string) {
		got := s.listedLocks(url.Values{name: {value}})
		return slices.Equal(got, want), fmt.Sprint(got)
	})
}

// strangers puts somebody else's code and one that looks like ours on a lock.
func (s *system) strangers(lock int64) (foreign, orphan string) {
	from, until := time.Now().Add(-time.Hour).Truncate(time.Second), time.Now().Add(time.Hour).Truncate(time.Second)
	return s.Sim.AddForeign(lock, "Cleaner", "738495", from, until), s.Sim.AddForeign(lock, "K-LOST", "847362", from, until)
}

// part is a part of an answer, to be looked into like a whole one.
func part(value any) reply { return reply{body: mustJSON(value)} }

func mustJSON(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}

// names are the codes that the keypad of a lock holds.
func (s *system) names(lock int64) (all []string) {
	for _, entry := range s.table(lock) {
		all = append(all, entry.Name)
	}
	return all
}
