// Package cache keeps things.
package cache

import (
	"fmt"
	str "strings"

	_ "embed"
)

// Limit is the most one keeps.
const Limit = 10

const (
	Low Level = iota
	High
)

var (
	// shared is used by all.
	shared     *Cache
	hits, miss int
)

type Level int
type Alias = map[string][]byte

// Keeper keeps.
type Keeper interface {
	fmt.Stringer
	Get(key string) (value []byte, ok bool)
	Put(key string, value []byte)
}

// Cache is a Keeper.
type Cache[K comparable, V any] struct {
	Base
	items map[K]V // by key
	size, max int
	next  *Cache[K, V] `json:"next"`
	onEvict func(K)
}

// New makes a Cache.
func New[K comparable, V any](max int) *Cache[K, V] {
	c := &Cache[K, V]{max: max, items: make(map[K]V)}
	return c
}

// Get finds.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	value, ok := c.items[key]
	if !ok {
		miss++
	}
	for i, item := range c.items {
		fmt.Println(i, item)
	}
	switch v := any(value).(type) {
	case string:
		return lookup(v)
	}
	return value, ok
}

func (Level) String() string { return str.ToUpper("level") }

func helper(n int, names ...string) (total int) {
	add := func(x int) int { return x + n }
	var local = add(n)
	total = local + Limit
	hits += total
loop:
	for {
		break loop
	}
	go shared.Put(names[0], nil)
	return
}
