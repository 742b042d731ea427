// A value as text that tells types apart, so that 1, 1.0 and 1u are not the same.
package main

import (
	"fmt"
	"math"
	"sort"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// plain writes a value with its type, so that 1, 1.0 and 1u are told apart.
func plain(value ref.Val) any {
	switch v := value.(type) {
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Int:
		return fmt.Sprintf("int %d", int64(v))
	case types.Uint:
		return fmt.Sprintf("uint %d", uint64(v))
	case types.Double:
		if math.IsNaN(float64(v)) {
			return "double NaN"
		}
		return fmt.Sprintf("double %v", float64(v))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(v))
	case types.Null:
		return "null"
	case types.Duration:
		return fmt.Sprintf("duration %d", int64(v.Duration))
	case types.Timestamp:
		return fmt.Sprintf("timestamp %d.%09d", v.Unix(), v.Nanosecond())
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return []any{"some", plain(v.GetValue())}
	case traits.Lister:
		items := []any{"list"}
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, plain(it.Next()))
		}
		return items
	case traits.Mapper:
		entries := [][2]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			entries = append(entries, [2]any{plain(key), plain(v.Get(key))})
		}
		sort.Slice(entries, func(i, j int) bool { return fmt.Sprint(entries[i][0]) < fmt.Sprint(entries[j][0]) })
		return map[string]any{"map": entries}
	case ref.Type:
		return "type " + v.TypeName()
	default:
		return "a " + value.Type().TypeName()
	}
}
