module github.com/slogsuite/slogsuite

go 1.26
