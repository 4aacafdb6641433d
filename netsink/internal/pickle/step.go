package pickle

// step executes one opcode. It is a flat switch.
func (r *reader) step() error {
	switch r.op {
	case opNone:
		return r.push(nil)
	case opNewTrue, opNewFalse:
		return r.push(r.op == opNewTrue)
	case opInt, opLong, opBinInt, opBinInt1, opBinInt2, opLong1, opLong4:
		return r.integer()
	case opFloat, opBinFloat:
		return r.floating()
	case opBinUnicode, opShortBinUnicode, opBinUnicode8, opUnicode:
		return r.unicode()
	case opBinString, opShortBinString, opString:
		return r.eightBit()
	case opBinBytes, opShortBinBytes, opBinBytes8, opByteArray8:
		return r.bytes()

	case opEmptyDict:
		return r.push(&node{kind: dictKind})
	case opEmptyList:
		return r.push(&node{kind: listKind})
	case opEmptyTuple:
		return r.push(&node{kind: tupleKind})
	case opEmptySet:
		return r.push(&node{kind: setKind})
	case opDict, opList, opTuple, opFrozenSet:
		return r.marked()
	case opTuple1, opTuple2, opTuple3:
		return r.tuple(int(r.op) - opTuple1 + 1)
	case opSetItem, opSetItems:
		return r.setItems()
	case opAppend, opAppends:
		return r.appendItems()
	case opAddItems:
		return r.addItems()

	case opMark:
		return r.mark()
	case opPop:
		return r.drop()
	case opPopMark:
		_, err := r.popMark()
		return err
	case opDup:
		v, err := r.top()
		if err != nil {
			return err
		}
		return r.push(v)
	case opPut, opBinPut, opLongBinPut, opMemoize:
		return r.put()
	case opGet, opBinGet, opLongBinGet:
		return r.get()
	case opProto:
		return r.protocol()
	case opFrame:
		return r.frame()

	case opGlobal, opStackGlobal:
		return r.global()
	case opReduce, opNewObj, opNewObjEx, opInst, opObj:
		return r.construct()
	case opBuild:
		return r.build()
	case opExt1, opExt2, opExt4:
		return r.fail("extension codes mean nothing here")
	case opPersID, opBinPersID:
		return r.fail("persistent ids mean nothing here")
	case opNextBuffer, opReadOnlyBuffer:
		return r.fail("a pickle of a record has no buffers outside of it")
	}
	return r.fail("there is no such opcode")
}

func (r *reader) protocol() error {
	version, err := r.number(1)
	if err == nil && version > 5 {
		return r.fail("protocol %d is not known", version)
	}
	return err
}

func (r *reader) mark() error {
	if r.pushed++; r.pushed > r.limits.Nodes {
		return r.fail("more than %d values", r.limits.Nodes)
	}
	r.marks = append(r.marks, len(r.stack))
	return nil
}

// frame begins a frame, which has to be there and holds whole opcodes.
func (r *reader) frame() error {
	p, err := r.counted(8)
	if err != nil {
		return err
	}
	r.frameEnd = r.at
	r.at -= len(p)
	return nil
}

// drop drops the top of the stack, which may be a MARK.
func (r *reader) drop() error {
	if n := len(r.marks); n > 0 && r.marks[n-1] == len(r.stack) {
		r.marks = r.marks[:n-1]
		return nil
	}
	_, err := r.pop()
	return err
}

func (r *reader) put() error {
	n, err := r.memoNumber()
	if err != nil {
		return err
	}
	v, err := r.top()
	if err != nil {
		return err
	}
	if r.memo.count >= r.limits.Nodes {
		return r.fail("more than %d values in the memo", r.limits.Nodes)
	}
	r.memo.put(n, v)
	return nil
}

func (r *reader) get() error {
	n, err := r.memoNumber()
	if err != nil {
		return err
	}
	v, ok := r.memo.get(n)
	if !ok {
		return r.fail("the memo has no %d", n)
	}
	return r.push(v)
}

// memoNumber returns the number that an opcode has, or the next one for MEMOIZE.
func (r *reader) memoNumber() (uint64, error) {
	switch r.op {
	case opBinPut, opBinGet:
		return r.number(1)
	case opLongBinPut, opLongBinGet:
		return r.number(4)
	case opMemoize:
		return uint64(r.memo.count), nil
	}
	line, err := r.line()
	if err != nil {
		return 0, err
	}
	const longest = 10 // digits of 32 bits
	n := uint64(0)
	for _, c := range []byte(line) {
		if c < '0' || c > '9' || len(line) > longest {
			return 0, r.fail("%.20q is no number of the memo", line)
		}
		n = 10*n + uint64(c-'0')
	}
	if line == "" {
		return 0, r.fail("no number of the memo")
	}
	return n, nil
}
