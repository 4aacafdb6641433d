package oracle

import "testing"

func TestPutSection(t *testing.T) {
	const page = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n"
	got, err := putSection(page, "x", "new\n")
	if want := "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n"; got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := putSection(page, "y", "new\n"); err == nil {
		t.Error("a part that is not there was found")
	}
}
