package httpattrs

import (
	"iter"
	"net/http"
	"net/netip"
	"strings"

	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// maxHops bounds how many proxies a request is followed through.
const maxHops = 64

// remote returns the client's address.
func (o *Options) remote(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil { // a socket's name, say
		return incoming.Cut(r.RemoteAddr, maxRemote)
	}
	addr := plain(peer.Addr())
	if !o.isProxy(addr) {
		return addr.String()
	}
	hops := 0
	for node := range nodes(r.Header[o.ProxyHeader], o.ProxyHeader == "Forwarded") {
		next, ok := parseNode(node)
		if hops++; !ok || hops > maxHops {
			break
		}
		addr = next
		if !o.isProxy(addr) {
			break
		}
	}
	return addr.String()
}

func (o *Options) isProxy(addr netip.Addr) bool {
	for _, p := range o.Proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// plain returns addr without a zone, which may be any text, and an IPv4 address as such.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// parseNode reads an address in the forms that proxies write: 192.0.2.1,
// 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
func parseNode(s string) (netip.Addr, bool) {
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(inner, "]") {
		s = strings.TrimSuffix(inner, "]")
		if !strings.Contains(s, ":") {
			return netip.Addr{}, false
		}
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return plain(addr), true
	}
	if peer, err := netip.ParseAddrPort(s); err == nil {
		return plain(peer.Addr()), true
	}
	return netip.Addr{}, false
}

// nodes yields the nodes of a header's lines, the last one first, up to what
// can't be read.
func nodes(lines []string, forwarded bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := len(lines) - 1; i >= 0; i-- {
			line := lines[i]
			if forwarded {
				elements, ok := parseForwarded(line)
				if !ok {
					return
				}
				line = strings.Join(elements, ",") // none of which has a comma
			}
			for more := true; more; {
				var node string
				line, node, more = cutLast(line)
				if !yield(node) {
					return
				}
			}
		}
	}
}

// cutLast cuts the last item off a list.
func cutLast(list string) (rest, item string, more bool) {
	i := strings.LastIndexByte(list, ',')
	return list[:max(i, 0)], strings.Trim(list[i+1:], " \t"), i >= 0
}
