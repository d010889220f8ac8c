// This file tests that the pairwise cover has every pair.

package campaign

import (
	"reflect"
	"testing"
)

func TestPairwise_CoversEveryPairInFewRows(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []int
		most   int
	}{
		{"one factor", []int{3}, 3},
		{"two factors need every pair", []int{3, 4}, 12},
		{"switches", []int{2, 2, 2, 2, 2, 2, 2}, 10},
		{"as many as the questions", []int{2, 2, 3, 2, 3, 2, 3, 3, 3, 5, 2, 3, 2, 5}, 34},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := pairwise(c.values)
			if len(rows) > c.most {
				t.Errorf("%d rows, want at most %d", len(rows), c.most)
			}
			seen := map[pair]bool{}
			for _, row := range rows {
				for factor := range row {
					if row[factor] < 0 || row[factor] >= c.values[factor] {
						t.Fatalf("row %v has no such value of factor %d", row, factor)
					}
					for other := factor + 1; other < len(row); other++ {
						seen[pair{factor, row[factor], other, row[other]}] = true
					}
				}
			}
			eachPair(c.values, func(p pair) bool {
				if !seen[p] {
					t.Errorf("no row has the pair %+v", p)
				}
				return true
			})
			if again := pairwise(c.values); !reflect.DeepEqual(rows, again) {
				t.Error("the same factors gave other rows")
			}
		})
	}
}

func TestPairwise_BeginsWithTheFirstOfAll(t *testing.T) {
	if got, want := pairwise([]int{2, 3, 2})[0], []int{0, 0, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("the first row is %v, want %v", got, want)
	}
}
