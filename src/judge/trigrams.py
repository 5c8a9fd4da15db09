#!/usr/bin/env python3
"""Makes trigrams.bin: how surprising each letter is after the two before it, in words.

Source: the word list of Debian's package wamerican (2020.12.07-2), every word once, plus the short words that programs
are full of (below). Alphabet: word boundary, a-z. Entry [a][b][c], one byte: -log2 P(c | a b) in sixteenths of a bit,
add-0.02 smoothed, capped at 15.9 bits. Run: python3 src/judge/trigrams.py /usr/share/dict/american-english
"""
import collections, math, re, sys

CODE = """admin addr alloc api app arg args array async attr auth base bool buf buffer cache callback cert char class client cmd config
conn const context cookie count create ctx data database db debug decode default delete dest dev dict dir disable dns docker email enable
encode encrypt endpoint env err error event exec expr extern field file filter flag float fmt foo bar baz func function get git github
gitlab goto grpc guid handler hash header hook host html http https id idx impl import index info init input insert instance int ip
item iter java javascript js json jwt key kube kubernetes lambda len lib linux list local localhost lock log login logout loop main map
max md5 mem memcpy merge meta method min mock mongo msg mutex my mysql name namespace nginx node null num obj oauth object offset
openssl option opts org os output param parse passwd password path pid ping pkg plugin pod pool port postgres pre prefix prod proxy ptr
pub public push pwd py python query queue rabbitmq rand read redis ref regex remote repo request resp response ret role root route rpc
rsa ruby run rust sandbox schema script sdk secret select send server service session set sha shell size slack sort spec sql src ssh
ssl stack staging start stat state status stdin stdout stop store str stream string struct sub sudo super svc swap switch sync sys
table tag target tcp temp template terraform test text thread time timeout tls tmp token tool trace tree type udp uid unix update
upload uri url user username utf util utils uuid val value var vec vector version view vm void web webhook widget win windows worker
write xml yaml zip""".split()

words = [w.strip().lower() for w in open(sys.argv[1], encoding='utf-8')]
words = [w for w in words if re.fullmatch('[a-z]{2,}', w)] + CODE * 40
index = lambda c: 0 if c == '^' else ord(c) - 96
count = collections.Counter()
for w in words:
    t = '^^' + w + '^'
    for i in range(2, len(t)):
        count[t[i - 2], t[i - 1], t[i]] += 1
out = bytearray(27 ** 3)
letters = '^abcdefghijklmnopqrstuvwxyz'
for a in letters:
    for b in letters:
        total = sum(count[a, b, c] for c in letters) + 0.02 * 27
        for c in letters:
            bits = -math.log2((count[a, b, c] + 0.02) / total)
            out[(index(a) * 27 + index(b)) * 27 + index(c)] = min(255, round(bits * 16))
open(__file__.replace('.py', '.bin'), 'wb').write(out)
