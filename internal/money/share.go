package money

import (
	"math/big"
	"sort"
)

// Share divides total in proportion to the weights, to the cent, by largest remainder: the parts
// always sum to total, ties go to the earlier part. Negative weights count as zero; when every
// weight is zero the whole total goes to the first part. Share of no weights is nil.
func Share(total Amount, weights []int64) []Amount {
	if len(weights) == 0 {
		return nil
	}
	parts := make([]Amount, len(weights))
	sum := new(big.Int)
	for _, w := range weights {
		if w > 0 {
			sum.Add(sum, big.NewInt(w))
		}
	}
	if sum.Sign() == 0 {
		parts[0] = total
		return parts
	}
	sign := int64(1)
	left := int64(total)
	if left < 0 {
		sign, left = -1, -left
	}
	type remainder struct {
		at  int
		rem *big.Int
	}
	remainders := make([]remainder, 0, len(weights))
	whole := big.NewInt(left)
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		quotient, rem := new(big.Int).QuoRem(new(big.Int).Mul(whole, big.NewInt(w)), sum, new(big.Int))
		parts[i] = Amount(sign * quotient.Int64())
		left -= quotient.Int64()
		remainders = append(remainders, remainder{i, rem})
	}
	sort.SliceStable(remainders, func(i, j int) bool { return remainders[i].rem.Cmp(remainders[j].rem) > 0 })
	for i := int64(0); i < left; i++ {
		parts[remainders[i].at] += Amount(sign)
	}
	return parts
}
