// This file covers pairs: few rows in which any two values of any two factors
// meet. Most faults of a combination are faults of two of its parts.

package campaign

// pair is that two factors have these values.
type pair struct{ factor, value, other, otherValue int }

// pairwise makes rows of one value for each factor, given how many values each
// has, so that every pair of values of two factors is in a row. The first row is
// the first value of each. It is greedy and takes the first of equals: the same
// factors give the same rows.
func pairwise(values []int) [][]int {
	open := pairsOf(values)
	rows := [][]int{make([]int, len(values))}
	cover(open, rows[0])
	for first, ok := firstOpen(values, open); ok; first, ok = firstOpen(values, open) {
		row := fillRow(values, open, first)
		cover(open, row)
		rows = append(rows, row)
	}
	return rows
}

func pairsOf(values []int) map[pair]bool {
	all := map[pair]bool{}
	eachPair(values, func(p pair) bool {
		all[p] = true
		return true
	})
	return all
}

// eachPair goes through all pairs in order, until visit says no.
func eachPair(values []int, visit func(pair) bool) {
	for factor := range values {
		for other := factor + 1; other < len(values); other++ {
			for n := range values[factor] * values[other] {
				if !visit(pair{factor, n / values[other], other, n % values[other]}) {
					return
				}
			}
		}
	}
}

func firstOpen(values []int, open map[pair]bool) (first pair, ok bool) {
	eachPair(values, func(p pair) bool {
		first, ok = p, open[p]
		return !ok
	})
	return first, ok
}

// undecided is a value that a row does not have yet.
const undecided = -1

// fillRow makes a row with one pair in it, each other factor by the value that
// covers most open pairs with what the row has already.
func fillRow(values []int, open map[pair]bool, first pair) []int {
	row := make([]int, len(values))
	for factor := range row {
		row[factor] = undecided
	}
	row[first.factor], row[first.other] = first.value, first.otherValue
	for factor := range row {
		if row[factor] != undecided {
			continue
		}
		best, most := 0, -1
		for value := range values[factor] {
			if gain := gained(open, row, factor, value); gain > most {
				best, most = value, gain
			}
		}
		row[factor] = best
	}
	return row
}

// gained counts the open pairs that a value makes with those that a row has.
func gained(open map[pair]bool, row []int, factor, value int) int {
	n := 0
	for other, otherValue := range row {
		if otherValue != undecided && other != factor {
			n += one(open[ordered(factor, value, other, otherValue)])
		}
	}
	return n
}

func ordered(factor, value, other, otherValue int) pair {
	if factor > other {
		return pair{other, otherValue, factor, value}
	}
	return pair{factor, value, other, otherValue}
}

func cover(open map[pair]bool, row []int) {
	for factor := range row {
		for other := factor + 1; other < len(row); other++ {
			delete(open, pair{factor, row[factor], other, row[other]})
		}
	}
}
