// This file plays all stays at once and shows them: a live table on a terminal,
// plain lines elsewhere.

package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// line is something that happened to a stay.
type line struct{ id, text string }

// Run plays the demonstration and says what disagreed; nil if nothing did. live
// is for a terminal.
func Run(ctx context.Context, at Addresses, out io.Writer, live bool) error {
	board := newBoard(out, live)
	stays := make([]*stay, 0, len(scenarios))
	for _, scenario := range scenarios {
		stays = append(stays, &stay{
			scenario: scenario, report: board.tell,
			api: peer{at.API, at.APIToken}, nuki: peer{at.Nuki, at.NukiToken},
		})
		board.add(scenario)
	}
	watching, stop := context.WithCancel(ctx)
	var watcher, players sync.WaitGroup
	watcher.Go(func() { board.watch(watching, peer{at.API, at.APIToken}) })
	var mu sync.Mutex
	var problems []error
	for _, s := range stays {
		players.Go(func() {
			if err := s.play(ctx); err != nil {
				mu.Lock()
				problems = append(problems, err)
				mu.Unlock()
			}
		})
	}
	players.Wait()
	stop()
	watcher.Wait()
	return errors.Join(problems...)
}

// board shows the stays.
type board struct {
	out  io.Writer
	live bool
	mu   sync.Mutex
	rows []*row
	tall int
}

// row is one stay on the board.
type row struct {
	id, story, status, proof, next, last string
}

const shownEvery = 250 * time.Millisecond

func newBoard(out io.Writer, live bool) *board { return &board{out: out, live: live} }

func (b *board) add(s scenario) {
	b.rows = append(b.rows, &row{id: s.id, story: s.story})
	if !b.live {
		_, _ = fmt.Fprintf(b.out, "%s: %s\n", s.id, s.story)
	}
}

// tell shows something that happened.
func (b *board) tell(l line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row(l.id).last = l.text
	if !b.live {
		b.print(l.id, l.text)
	}
}

func (b *board) print(id, text string) {
	_, _ = fmt.Fprintf(b.out, "%s  %-12s %s\n", time.Now().Format("15:04:05.0"), id, text)
}

func (b *board) row(id string) *row {
	return b.rows[slices.IndexFunc(b.rows, func(r *row) bool { return r.id == id })]
}

// watch asks Keystay how the stays are, and shows what changed.
func (b *board) watch(ctx context.Context, api peer) {
	for {
		for _, r := range b.rows {
			var d document
			if api.call(ctx, http.MethodGet, "/v1/reservations/"+r.id, nil, &d) == nil {
				b.update(r, d)
			}
		}
		if b.live {
			b.draw()
		}
		if sleepUntil(ctx, time.Now().Add(shownEvery)) != nil {
			return
		}
	}
}

func (b *board) update(r *row, d document) {
	b.mu.Lock()
	defer b.mu.Unlock()
	proofs := make([]string, 0, len(d.Locks))
	for _, lock := range d.Locks {
		proofs = append(proofs, lock.Status+" "+lock.Proof.Level)
	}
	status, proof := strings.TrimSpace(d.Status+" "+strings.Join(d.Attention, ",")), strings.Join(proofs, " · ")
	if !b.live && (status != r.status || proof != r.proof) {
		b.print(r.id, status+"  ["+proof+"]  "+d.Next.Reason)
	}
	r.status, r.proof, r.next = status, proof, d.Next.Reason
}

// draw paints the table over the last one.
func (b *board) draw() {
	b.mu.Lock()
	defer b.mu.Unlock()
	var text strings.Builder
	if b.tall > 0 {
		fmt.Fprintf(&text, "\x1b[%dA", b.tall)
	}
	fmt.Fprintf(&text, "\x1b[2K%-12s %-26s %-34s %s\n", "reservation", "status", "doors", "what happens")
	for _, r := range b.rows {
		happens := r.last
		if happens == "" {
			happens = r.story
		}
		fmt.Fprintf(&text, "\x1b[2K%-12s %-26s %-34s %s\n", r.id, cut(r.status, 26), cut(r.proof, 34), cut(happens, 70))
	}
	b.tall = len(b.rows) + 1
	_, _ = io.WriteString(b.out, text.String())
}

func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}
