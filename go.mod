module github.com/slogsuite/slogsuite

go 1.26

require (
	github.com/google/go-cmp v0.7.0
	github.com/itchyny/timefmt-go v0.1.9
)
