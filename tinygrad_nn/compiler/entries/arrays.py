"""Text of helpers that copy numbers out of arrays, and into new ones.

Numbers in the memory of a program are doubles or floats: `<real>`, each of `<item>` bytes. Arrays of
the `<other>` of the two are taken as well, but for what is infinite where it is rounded.
"""

from __future__ import annotations

__all__ = ["ARRAY", "COLUMNS", "GATHER", "ROWS"]

ARRAY = """
define i1 @is_array(ptr %o, i32 %axes, ptr %shape, ptr %t) {
entry:
  %type.p = getelementptr i8, ptr %o, i64 <type>
  %type = load ptr, ptr %type.p
  %array.p = getelementptr i8, ptr %t, i64 <ndarray>
  %array = load ptr, ptr %array.p
  %is.array = icmp eq ptr %type, %array
  br i1 %is.array, label %array.yes, label %no
array.yes:
  %axes.p = getelementptr i8, ptr %o, i64 <axes>
  %axes.now = load i32, ptr %axes.p
  %same.axes = icmp eq i32 %axes.now, %axes
  %flags.p = getelementptr i8, ptr %o, i64 <flags>
  %flags = load i32, ptr %flags.p
  %together = trunc i32 %flags to i1
  %fits = and i1 %same.axes, %together
  br i1 %fits, label %start, label %no
start:
  %shape.p = getelementptr i8, ptr %o, i64 <shape>
  %shape.now = load ptr, ptr %shape.p
  %some = icmp sgt i32 %axes, 0
  %n = sext i32 %axes to i64
  br i1 %some, label %loop, label %yes
loop:
  %i = phi i64 [ 0, %start ], [ %next, %on ]
  %p = getelementptr i64, ptr %shape, i64 %i
  %q = getelementptr i64, ptr %shape.now, i64 %i
  %x = load i64, ptr %p
  %y = load i64, ptr %q
  %same = icmp eq i64 %x, %y
  br i1 %same, label %on, label %no
on:
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %yes
yes:
  ret i1 1
no:
  ret i1 0
}

define internal i1 @is_dtype(ptr %dtype, ptr %known) {
  %same = icmp eq ptr %dtype, %known
  br i1 %same, label %yes, label %look
look:
  %scalar.p = getelementptr i8, ptr %dtype, i64 <scalar>
  %scalar = load ptr, ptr %scalar.p
  %known.scalar.p = getelementptr i8, ptr %known, i64 <scalar>
  %known.scalar = load ptr, ptr %known.scalar.p
  %alike = icmp eq ptr %scalar, %known.scalar
  %order.p = getelementptr i8, ptr %dtype, i64 <order>
  %order = load i8, ptr %order.p
  %is.own = icmp eq i8 %order, 61
  %both = and i1 %alike, %is.own
  ret i1 %both
yes:
  ret i1 1
}

define i64 @taken(ptr %o, i32 %axes, ptr %shape, ptr %to, i64 %count, i64 %size, i64 %row, ptr %t) {
  %ok = call i1 @is_array(ptr %o, i32 %axes, ptr %shape, ptr %t)
  br i1 %ok, label %known, label %no
known:
  %data.p = getelementptr i8, ptr %o, i64 <data>
  %data = load ptr, ptr %data.p
  %dtype.p = getelementptr i8, ptr %o, i64 <dtype>
  %dtype = load ptr, ptr %dtype.p
  %own.p = getelementptr i8, ptr %t, i64 <dtype of real>
  %own = load ptr, ptr %own.p
  %is.own = call i1 @is_dtype(ptr %dtype, ptr %own)
  br i1 %is.own, label %reals, label %others
reals:
  %is.whole = icmp eq i64 %row, 1
  br i1 %is.whole, label %copy, label %turn
copy:
  %all = mul i64 %size, <item>
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %data, i64 %all, i1 0)
  ret i64 0
turn:
  %bad = call i64 @turned(ptr %to, ptr %data, i64 %count, i64 %size, i64 %row)
  ret i64 %bad
others:
  %bytes = mul i64 %size, 8
  %int64.p = getelementptr i8, ptr %t, i64 <int64>
  %int64 = load ptr, ptr %int64.p
  %is.int = call i1 @is_dtype(ptr %dtype, ptr %int64)
  br i1 %is.int, label %integers, label %reals.else
integers:
  %fine = call i64 @copied.i64(ptr %data, i64 %bytes, i64 8, ptr %to, i64 %row, i64 %count, i64 %size)
  ret i64 %fine
reals.else:
  %other.p = getelementptr i8, ptr %t, i64 <dtype of other>
  %other = load ptr, ptr %other.p
  %is.other = call i1 @is_dtype(ptr %dtype, ptr %other)
  br i1 %is.other, label %converted, label %no
converted:
  %wide = mul i64 %size, <item of other>
  %odd = call i64 @copied.<other>(ptr %data, i64 %wide, i64 <item of other>, ptr %to, i64 %row, i64 %count, i64 %size)
  %is.odd = icmp ne i64 %odd, 0
  %is.rounded = and i1 %is.odd, <rounds>
  br i1 %is.rounded, label %no, label %exact
exact:
  ret i64 %odd
no:
  ret i64 <not taken>
}

define i64 @turned(ptr %to, ptr %data, i64 %count, i64 %size, i64 %row) {
  %bytes = mul i64 %size, <item>
  %bad = call i64 @copied.<real>(ptr %data, i64 %bytes, i64 <item>, ptr %to, i64 %row, i64 %count, i64 %size)
  ret i64 %bad
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""

GATHER = """
define void @gather(ptr %to, ptr %p, ptr %places, i64 %n) {
entry:
  br label %each
each:
  %j = phi i64 [ 0, %entry ], [ %next, %each ]
  %place.p = getelementptr i64, ptr %places, i64 %j
  %place = load i64, ptr %place.p
  %r = getelementptr <real>, ptr %p, i64 %place
  %y = load <real>, ptr %r
  %q = getelementptr <real>, ptr %to, i64 %j
  store <real> %y, ptr %q
  %next = add i64 %j, 1
  %on = icmp slt i64 %next, %n
  br i1 %on, label %each, label %end
end:
  ret void
}
"""
ROWS = """
define void @rows(ptr %to, ptr %p, ptr %places, i64 %n, i64 %count) {
entry:
  br label %each
each:
  %j = phi i64 [ 0, %entry ], [ %next, %on ]
  %place.p = getelementptr i64, ptr %places, i64 %j
  %coded = load i64, ptr %place.p
  %place = ashr i64 %coded, 1
  %varies = trunc i64 %coded to i1
  %from = getelementptr <real>, ptr %p, i64 %place
  %first = mul i64 %j, %count
  %q = getelementptr <real>, ptr %to, i64 %first
  br i1 %varies, label %copy, label %fill
copy:
  %bytes = mul i64 %count, <item>
  call void @llvm.memcpy.p0.p0.i64(ptr %q, ptr %from, i64 %bytes, i1 0)
  br label %on
fill:
  %y = load <real>, ptr %from
  br label %one
one:
  %s = phi i64 [ 0, %fill ], [ %s.next, %one ]
  %r = getelementptr <real>, ptr %q, i64 %s
  store <real> %y, ptr %r
  %s.next = add i64 %s, 1
  %s.more = icmp slt i64 %s.next, %count
  br i1 %s.more, label %one, label %on
on:
  %next = add i64 %j, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %each, label %end
end:
  ret void
}
"""


COLUMNS = """
define void @columns(ptr %to, ptr %p, ptr %places, i64 %n, i64 %count) {
entry:
  br label %each
each:
  %j = phi i64 [ 0, %entry ], [ %next, %on ]
  %place.p = getelementptr i64, ptr %places, i64 %j
  %coded = load i64, ptr %place.p
  %place = ashr i64 %coded, 1
  %varies = and i64 %coded, 1
  %from = getelementptr <real>, ptr %p, i64 %place
  %first = getelementptr <real>, ptr %to, i64 %j
  br label %one
one:
  %s = phi i64 [ 0, %each ], [ %s.next, %one ]
  %at = mul i64 %s, %varies
  %x.p = getelementptr <real>, ptr %from, i64 %at
  %x = load <real>, ptr %x.p
  %there = mul i64 %s, %n
  %y.p = getelementptr <real>, ptr %first, i64 %there
  store <real> %x, ptr %y.p
  %s.next = add i64 %s, 1
  %s.more = icmp slt i64 %s.next, %count
  br i1 %s.more, label %one, label %on
on:
  %next = add i64 %j, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %each, label %end
end:
  ret void
}
"""
