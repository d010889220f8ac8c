// This file is one call of the Web API on a lock: what it carries, and whom it is
// about.

package nukisim

import "net/http"

// visit is one call on a lock, as its handler sees it.
type visit struct {
	r    *http.Request
	lock *lock
	// kind is what the call is counted as.
	kind string
	// listed is the entry of the path in the cloud's list; nil if none is there.
	listed *entry
	// document is the body of a create or an update; problem is the message of
	// the 400 where it cannot be read.
	document document
	problem  string
	about    subject
}

// newVisit reads a call before the lock is looked for: a body may come slowly,
// and nobody should wait for it.
func newVisit(kind string, r *http.Request) *visit {
	v := &visit{r: r, kind: kind}
	if kind == string(create) || kind == string(update) {
		v.document, v.problem = readDocument(r)
	}
	return v
}

// arrive finds out whom the call is about: an entry; one that is not listed, by
// its id; or, where it is about none, its own kind, so that all lists of a lock
// draw from one row.
func (v *visit) arrive(l *lock) {
	v.lock = l
	v.about = subject{v.kind, v.kind}
	if id := v.r.PathValue("auth"); id != "" {
		v.listed, v.about.entity = byID(l.cloud, id), id
	}
	if name := v.name(); name != "" {
		v.about.entity = entityOf(name)
	}
	if v.problem == "" {
		v.problem = v.document.checkDates(l.faultsNow().WindowRule, l.clock.Now())
	}
}

// name is that of the entry that the call is about; "" where there is none.
func (v *visit) name() string {
	switch {
	case v.listed != nil:
		return v.listed.name
	case v.document.Name != nil:
		return *v.document.Name
	}
	return ""
}
