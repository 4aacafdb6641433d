package logrecord

import "strconv"

// missingKey is the key of the attr that tells of others that are left out.
const missingKey = "attrs#missing"

// settle gives each pair a key of its own that is not an attribute's of the LogRecord.
func (c *collector) settle() {
	for i := range c.pairs {
		if isField(c.pairs[i].key) {
			c.pairs[i].key = renamed + c.pairs[i].key
		}
	}
	if hasDuplicates(c.pairs) {
		renameDuplicates(c.pairs)
	}
}

// isField reports whether key is that of an attribute of the LogRecord, or one of our own.
func isField(key string) bool {
	switch key {
	case "name", "msg", "args", "levelname", "levelno", "pathname", "filename", "module", "exc_info", "exc_text", "stack_info", "lineno",
		"funcName", "created", "msecs", "relativeCreated", "thread", "threadName", "processName", "process", "taskName", "message", "asctime", missingKey:
		return true
	}
	return false
}

// fewPairs is how many pairs are compared one with another.
const fewPairs = 16

func hasDuplicates(pairs []pair) bool {
	if len(pairs) <= fewPairs {
		for i := range pairs {
			for j := range i {
				if pairs[i].key == pairs[j].key {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]bool, len(pairs))
	for i := range pairs {
		seen[pairs[i].key] = true
	}
	return len(seen) < len(pairs)
}

// renameDuplicates leaves each key to the last pair of the greatest rank.
func renameDuplicates(pairs []pair) {
	owner := make(map[string]int, len(pairs))
	for i := range pairs {
		if j, ok := owner[pairs[i].key]; !ok || pairs[i].rank >= pairs[j].rank {
			owner[pairs[i].key] = i
		}
	}
	next := map[string]int{}
	for i := range pairs {
		key := pairs[i].key
		if owner[key] == i {
			continue
		}
		pairs[i].key = freeKey(owner, next, key)
		owner[pairs[i].key] = i
	}
}

// freeKey returns a key that nobody has: key and #2, #3 and so on.
func freeKey(owner, next map[string]int, key string) string {
	for n := max(next[key], 2); ; n++ {
		free := key + "#" + strconv.Itoa(n)
		if _, taken := owner[free]; !taken {
			next[key] = n + 1
			return free
		}
	}
}
