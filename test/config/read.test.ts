import fc from 'fast-check'
import t from 'tap'
import {
  commandHelp,
  describeOptions,
  environmentName,
  INJECT_OPTIONS,
  OptionError,
  overviewHelp,
  readOptions,
  SERVE_OPTIONS,
  VERSION_OPTIONS,
} from '../../src/config/index.ts'

const serve = (args: readonly string[], env: { readonly [name: string]: string } = {}) =>
  readOptions(SERVE_OPTIONS, { args, env })
const FOLDER = ['--cluster', 'folder']

t.test('defaults are safe: loopback, a keep-alive above 90 s, 8 MiB bodies', async (t) => {
  t.match(serve(FOLDER), {
    cluster: 'folder',
    host: '127.0.0.1',
    port: 9443,
    'metrics-port': 9090,
    'keep-alive-timeout': 120_000,
    'max-body-bytes': 8 * 2 ** 20,
    'istiod-env': [],
    'log-level': 'info',
    help: undefined,
  })
})

t.test('a flag wins over the environment, and the environment over the default', async (t) => {
  const env = { REMORA_PORT: '1', REMORA_HOST: '::', REMORA_CLUSTER: 'from-env', REMORA_DRAIN_DELAY: '' }
  t.match(serve(['--port=2'], env), { port: 2, host: '::', cluster: 'from-env', 'drain-delay': 5000 })
})

t.test('REMORA_PORT is ignored if the kubelet set it for a Service named remora', async (t) => {
  t.match(serve(FOLDER, { REMORA_PORT: 'tcp://10.0.0.7:443' }), { port: 9443 })
})

t.test(
  'repeated options keep their order, from the command line or one a line from the environment',
  async (t) => {
    const expected = [
      { revision: undefined, name: 'A', value: 'b=c' },
      { revision: 'canary', name: 'PILOT.X_y', value: '' },
    ]
    t.same(
      serve([...FOLDER, '--istiod-env', 'A=b=c', '--istiod-env=canary:PILOT.X_y='])['istiod-env'],
      expected,
    )
    t.same(serve(FOLDER, { REMORA_ISTIOD_ENV: 'A=b=c\n\ncanary:PILOT.X_y=\n' })['istiod-env'], expected)
    t.same(
      serve([...FOLDER, '--istio-version', '1.30', '--istio-version', 'a-1:1.31.0-dev'])['istio-version'],
      [
        { revision: undefined, version: '1.30' },
        { revision: 'a-1', version: '1.31.0-dev' },
      ],
    )
  },
)

t.test('durations and sizes are read with their units', async (t) => {
  const cases: [string, string, number][] = [
    ['drain-delay', '0', 0],
    ['drain-delay', '500ms', 500],
    ['drain-delay', '1m30s', 90_000],
    ['drain-delay', '1.5s', 1500],
    ['keep-alive-timeout', '2h', 7_200_000],
    ['max-body-bytes', '1Mi', 2 ** 20],
    ['max-body-bytes', '2MiB', 2 ** 21],
    ['max-body-bytes', '3k', 3000],
    ['max-body-bytes', '77', 77],
  ]
  for (const [flag, text, value] of cases)
    t.match(serve([...FOLDER, `--${flag}=${text}`]), { [flag]: value }, text)
})

t.test('the last value of an option is used, unless it is repeatable', async (t) => {
  t.match(serve([...FOLDER, '--port', '1', '--cluster=other', '--port', '2']), { cluster: 'other', port: 2 })
  t.throws(() => serve([...FOLDER, '--port', '1', '--port', 'x']), { code: 'option-invalid' })
  t.equal(
    serve([...FOLDER, '--istio-version', '1.29.1', '--istio-version', '1.30.1'])['istio-version'].length,
    2,
  )
  t.match(
    commandHelp({ name: 'serve', summary: 's', options: SERVE_OPTIONS }, 110),
    /given more than once, the last one is used/,
  )
})

t.test('a short option takes its value as kubectl does', async (t) => {
  for (const args of [['-o', 'json'], ['-ojson'], ['-o=json'], ['--output=json'], ['--output', 'json']])
    t.match(readOptions(VERSION_OPTIONS, { args, env: {} }), { output: 'json' })
  t.throws(() => readOptions(VERSION_OPTIONS, { args: ['-oxml'], env: {} }), {
    message: /"xml" is not one of/,
  })
  t.throws(() => readOptions(VERSION_OPTIONS, { args: ['-xjson'], env: {} }), { code: 'option-unknown' })
})

t.test('every mistake is reported in one clear line', async (t) => {
  const cases: [readonly string[], string, RegExp][] = [
    [[], 'option-missing', /^--cluster DIR\|live is missing \(or REMORA_CLUSTER\)/],
    [[...FOLDER, '--prot', '1'], 'option-unknown', /unknown option --prot: did you mean --port\?/],
    [[...FOLDER, '--zzzzzzz'], 'option-unknown', /see --help/],
    [[...FOLDER, '--port'], 'option-invalid', /--port needs a value: PORT/],
    [[...FOLDER, '--port', '--host'], 'option-invalid', /--port needs a value/],
    [
      [...FOLDER, '--port', '65536'],
      'option-invalid',
      /--port: "65536" is not a whole number from 0 to 65535/,
    ],
    [[...FOLDER, 'serve'], 'argument-unexpected', /unexpected argument "serve"/],
    [[...FOLDER, '--log-level=loud'], 'option-invalid', /one of trace, debug, info/],
    [[...FOLDER, '--drain-delay=5'], 'option-invalid', /a duration such as/],
    [[...FOLDER, '--drain-delay=999h'], 'option-invalid', /at most 24 days/],
    [[...FOLDER, '--max-body-bytes=0'], 'option-invalid', /a size such as/],
    [[...FOLDER, '--host='], 'option-invalid', /non-empty value/],
    [[...FOLDER, '--help=maybe'], 'option-invalid', /true or false/],
    [[...FOLDER, '--istio-version=latest'], 'option-invalid', /such as 1\.30\.3/],
    [[...FOLDER, '--istio-version=1.6.8:1.6.8'], 'option-invalid', /did you mean 1-6-8\?/],
    [[...FOLDER, '--istiod-env=UPPER:A=b'], 'option-invalid', /lower-case/],
  ]
  for (const [args, code, message] of cases) {
    t.throws(() => serve(args), { code, message }, args.join(' '))
    t.throws(() => serve(args), OptionError)
  }
  t.throws(() => serve(FOLDER, { REMORA_METRICS_PORT: 'x' }), { message: /^REMORA_METRICS_PORT: "x" is not/ })
  t.throws(
    () => readOptions(INJECT_OPTIONS, { args: ['-f', '-', '--cluster', 'x', '--revision', '1.2'], env: {} }),
    {
      message: /1-2/,
    },
  )
})

t.test('a secret appears in no message and no description', async (t) => {
  t.throws(() => serve([...FOLDER, '--istiod-env', 'p4ssw0rd']), { message: /the value \(not shown\)/ })
  const shown = JSON.stringify(
    describeOptions(SERVE_OPTIONS, serve([...FOLDER, '--istiod-env', 'TOKEN=p4ssw0rd'])),
  )
  t.notMatch(shown, /p4ssw0rd/)
  t.match(shown, /"istiod-env":"\(not shown\)"/)
  t.notMatch(shown, /help|istio-version/)
})

t.test('--help works without required options', async (t) => {
  t.match(serve(['--help']), { help: true })
  t.match(serve(['-h']), { help: true })
  t.match(serve([...FOLDER, '--help=false']), { help: false })
})

t.test('the help shows every option with its variable and default, in 80 columns', async (t) => {
  for (const options of [SERVE_OPTIONS, INJECT_OPTIONS, VERSION_OPTIONS]) {
    const help = commandHelp({ name: 'serve', summary: 'summary', options }, 80)
    for (const [flag, option] of Object.entries(options)) {
      t.ok(help.includes(`--${flag}`), flag)
      if (flag !== 'help') t.ok(help.replace(/\s+/g, ' ').includes(environmentName(flag)), flag)
      if ('defaultText' in option)
        t.ok(help.replace(/\s+/g, ' ').includes(`default ${option.defaultText}`), flag)
    }
    for (const line of help.split('\n')) t.ok(line.length <= 80, line)
  }
  t.match(
    overviewHelp([{ name: 'serve', summary: 'answers' }], '1.2.3', 80),
    /Remora 1\.2\.3[\s\S]*serve {2}answers/,
  )
})

t.test('no text makes the reader throw anything but an OptionError', async () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--port', '--port=', '--', '-', '-f', '--__proto__', '--constructor=1'),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.dictionary(fc.string(), fc.string()), (args, env) => {
      try {
        readOptions(SERVE_OPTIONS, { args, env })
      } catch (error) {
        if (!(error instanceof OptionError)) throw error
      }
    }),
    { numRuns: 300 },
  )
})
