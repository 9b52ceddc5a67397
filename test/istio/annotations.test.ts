import tap from 'tap'
import {
  describeAnnotationFailures,
  gatesFor,
  parseGoBool,
  parseGoInt,
  parseIstioVersion,
  trimGoSpace,
  validateAnnotations,
} from '../../src/istio/index.ts'

function check(name: string, value: string, release = '1.31.0'): string | undefined {
  const version = parseIstioVersion(release)
  if (version === undefined) throw new Error(release)
  return validateAnnotations({ [name]: value }, { version, gates: gatesFor(version) })[0]?.cause
}

type Row = readonly [value: string, cause: RegExp | undefined]

function table(t: { match: typeof tap.match }, name: string, rows: readonly Row[]): void {
  for (const [value, cause] of rows) {
    t.match({ cause: check(name, value) }, { cause }, `${name}: ${JSON.stringify(value)}`)
  }
}

tap.test('annotations with ports are validated', async (t) => {
  const list: readonly Row[] = [
    ['', undefined],
    ['80', undefined],
    ['80, 443', undefined],
    [' 80 ', undefined],
    ['0', undefined],
    ['65535', undefined],
    ['65536', /failed parsing port '65536': value out of range/],
    ['80,', /failed parsing port '': invalid syntax/],
    ['abc', /failed parsing port 'abc': invalid syntax/],
    ['-1', /invalid syntax/],
    ['+1', /invalid syntax/],
    ['1_0', /invalid syntax/],
    ['000000000000080', undefined],
    ['99999999999999999999', /value out of range/],
  ]
  for (const name of ['includeInboundPorts', 'excludeInboundPorts', 'excludeOutboundPorts']) {
    table(t, `traffic.sidecar.istio.io/${name}`, list)
  }
  table(t, 'traffic.sidecar.istio.io/includeInboundPorts', [
    ['*', undefined],
    ['*,80', /'\*'/],
  ])
  table(t, 'traffic.sidecar.istio.io/excludeInboundPorts', [['*', /'\*'/]])
  table(t, 'status.sidecar.istio.io/port', [
    ['15020', undefined],
    [' 15020 ', undefined],
    ['', /invalid syntax/],
    ['70000', /out of range/],
  ])
})

tap.test('annotations with numbers, words and modes are validated', async (t) => {
  for (const name of ['initialDelaySeconds', 'periodSeconds', 'failureThreshold']) {
    table(t, `readiness.status.sidecar.istio.io/${name}`, [
      ['4294967295', undefined],
      ['4294967296', /out of range/],
      [' 1', /invalid syntax/],
      ['x', /invalid syntax/],
    ])
  }
  table(t, 'prometheus.istio.io/merge-metrics', [
    ['true', undefined],
    ['F', undefined],
    ['yes', /expected true or false/],
    ['', /expected true or false/],
  ])
  table(t, 'sidecar.istio.io/interceptionMode', [
    ['REDIRECT', undefined],
    ['TPROXY', undefined],
    ['NONE', undefined],
    ['redirect', /REDIRECT, TPROXY or NONE/],
    ['', /REDIRECT, TPROXY or NONE/],
  ])
})

tap.test('IP ranges are validated as netip.ParsePrefix reads them', async (t) => {
  const good = [
    '10.0.0.0/8',
    '0.0.0.0/0',
    '::/0',
    '::1/128',
    '1:2:3:4:5:6:7:8/1',
    '1:2:3:4:5:6:7::/1',
    '::2:3:4:5:6:7:8/1',
    '::ffff:1.2.3.4/96',
    '1:2:3:4:5:6:1.2.3.4/3',
    '10.0.0.0/8,::/0',
    '',
  ]
  const bad: readonly Row[] = [
    ['10.0.0.0', /no '\/'/],
    ['10.0.0.0/8, 172.16.0.0/12', /unexpected character " " in " 172.16.0.0"/],
    ['300.1.1.1/8', /value >255/],
    ['10.0.0.0/33', /prefix length out of range/],
    ['1::/129', /prefix length out of range/],
    ['1.2.3/3', /four numbers/],
    ['1.2.3.4./3', /four numbers/],
    ['1..3.4/3', /at least one digit/],
    ['01.2.3.4/3', /leading zero/],
    ['1.2.3.4/08', /bad bits/],
    ['1.2.3.4/', /bad bits/],
    ['1.2.3.4/+8', /bad bits/],
    ['fe80::1%eth0/64', /zones/],
    ['abc/3', /unable to parse IP/],
    ['1:::2/3', /unexpected ""/],
    ['1::2::3/3', /multiple '::'/],
    ['12345::/3', /unexpected "12345"/],
    ['1::2:3:4:5:6:7:8/1', /eight groups/],
    ['1:2/3', /eight groups/],
    ['::1.2.300.4/3', /value >255/],
    ['*,10.0.0.0/8', /failed parsing cidr '\*'/],
  ]
  for (const kind of ['include', 'exclude']) {
    const name = `traffic.sidecar.istio.io/${kind}OutboundIPRanges`
    table(t, name, [...good.map((value) => [value, undefined] as const), ...bad])
    t.match(check(name, 'x'), new RegExp(`^${kind}IPRanges invalid: `))
  }
  table(t, 'traffic.sidecar.istio.io/includeOutboundIPRanges', [['*', undefined]])
  table(t, 'traffic.sidecar.istio.io/excludeOutboundIPRanges', [['*', /no '\/'/]])
})

tap.test('interface lists are validated from 1.30 on', async (t) => {
  for (const name of [
    'traffic.sidecar.istio.io/excludeInterfaces',
    'traffic.sidecar.istio.io/kubevirtInterfaces',
    'istio.io/reroute-virtual-interfaces',
  ]) {
    table(t, name, [
      ['', undefined],
      ['eth0, net1', undefined],
      ['a.b-c_d', undefined],
      ['eth0,', /empty interface name/],
      ['a b', /"a b" contains invalid characters/],
      ['-x', /invalid characters/],
      ['abcdefghijklmnop', /too long/],
      ['äääääääää', /too long/],
    ])
    t.equal(check(name, 'a b', '1.29.1'), undefined)
  }
})

tap.test('quantities are validated from 1.27.6, 1.28.4 and 1.29 on', async (t) => {
  for (const name of ['proxyCPU', 'proxyCPULimit', 'proxyMemory', 'proxyMemoryLimit']) {
    table(t, `sidecar.istio.io/${name}`, [
      ['100m', undefined],
      ['2Gi', undefined],
      ['1e3', undefined],
      ['lots', /quantities must match/],
      ['', /quantities must match/],
      ['2Gi ', /quantities must match/],
      ['1\n', /control characters/],
    ])
  }
  const releases = {
    '1.24.2': false,
    '1.27.5': false,
    '1.27.6': true,
    '1.28.3': false,
    '1.28.4': true,
    '1.29.0': true,
  }
  for (const [release, checked] of Object.entries(releases)) {
    t.equal(check('sidecar.istio.io/proxyCPU', 'lots', release) !== undefined, checked, release)
  }
})

tap.test('the core dump annotation is validated until 1.24', async (t) => {
  t.match(check('sidecar.istio.io/enableCoreDump', 'maybe', '1.24.2'), /true or false/)
  t.equal(check('sidecar.istio.io/enableCoreDump', 'maybe', '1.25.0'), undefined)
})

tap.test('all failures of a pod are reported together', async (t) => {
  const version = { major: 1, minor: 30, patch: 0, text: '1.30.0' }
  const options = { version, gates: gatesFor(version) }
  const annotations = {
    'sidecar.istio.io/interceptionMode': 'bogus',
    other: 'bogus',
    'status.sidecar.istio.io/port': 'abc',
    __proto__: 'x',
    constructor: 'x',
    'prometheus.istio.io/merge-metrics': 7,
  }
  const failures = validateAnnotations(annotations, options)
  t.same(
    failures.map((f) => f.annotation),
    ['sidecar.istio.io/interceptionMode', 'status.sidecar.istio.io/port'],
  )
  t.match(
    describeAnnotationFailures(failures),
    /^2 annotations are invalid: invalid value 'bogus' for annotation 'sidecar.*; invalid value 'abc' for/,
  )
  t.match(describeAnnotationFailures(failures.slice(1)), /^invalid value 'abc' for annotation 'status/)
  const long = [{ annotation: 'a', value: 'x'.repeat(1000), cause: 'c' }]
  t.ok(describeAnnotationFailures(long).length < 400)
  t.same(validateAnnotations(undefined, options), [])
})

tap.test('words and numbers are parsed as Go parses them', async (t) => {
  t.same(['1', 't', 'T', 'true', 'TRUE', 'True'].map(parseGoBool), Array(6).fill(true))
  t.same(['0', 'f', 'F', 'false', 'FALSE', 'False'].map(parseGoBool), Array(6).fill(false))
  t.same(['', 'yes', 'tRUE', ' true'].map(parseGoBool), Array(4).fill(undefined))
  t.same(['7', '+7', '-7', '007'].map(parseGoInt), [7, 7, -7, 7])
  t.same(
    ['', ' 7', '7.0', '1_0', '0x1', '9223372036854775808', '-9223372036854775809'].map(parseGoInt),
    Array(7),
  )
  t.equal(trimGoSpace('\u0085\u00a0 x\ufeff\n'), 'x\ufeff')
})
