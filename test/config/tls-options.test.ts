import t from 'tap'
import { planTls, readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'

const plan = (...args: string[]) =>
  planTls(readOptions(SERVE_OPTIONS, { args: ['--cluster=x', ...args], env: {} }))
const SELF = ['--tls=self', '--tls-secret=ns/ca', '--service-name=ns/remora']
const FILES = ['--tls-cert-file=a', '--tls-key-file=b']

t.test('without TLS options the server uses development certificates', async (t) => {
  t.same(plan(), { kind: 'dev', directory: 'certs' })
  t.same(plan('--tls=dev', '--cert-dir=d'), { kind: 'dev', directory: 'd' })
})

t.test('--tls=files uses the given files or the default names', async (t) => {
  const files = { kind: 'files', certificateFile: 'a', keyFile: 'b' }
  t.same(plan(...FILES), { ...files, caFile: undefined })
  t.same(plan('--tls=files', ...FILES, '--service-name=ns/remora'), { ...files, caFile: undefined })
  t.same(plan('--tls=files', ...FILES, '--tls-ca-file=c', '--webhook-configurations=w'), {
    ...files,
    caFile: 'c',
  })
})

t.test('--tls=self requires a Service name and a Secret', async (t) => {
  t.same(plan(...SELF, '--tls-life=2h', '--webhook-configurations=a,b.c'), {
    kind: 'self',
    secret: { namespace: 'ns', name: 'ca' },
    service: { namespace: 'ns', name: 'remora' },
    lifeMs: 7_200_000,
  })
})

t.test('mutually exclusive options are refused with a one-line message', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['--tls=files'], /--tls-cert-file and --tls-key-file must be used together: both are missing/],
    [['--tls-cert-file=a'], /must be used together: one is missing/],
    [['--tls=self', ...FILES], /--tls-cert-file cannot be used with --tls=self/],
    [['--tls=dev', '--tls-ca-file=c'], /--tls-ca-file cannot be used with --tls=dev/],
    [['--tls-secret=ns/ca'], /--tls-secret cannot be used with --tls=dev/],
    [['--tls=self', '--service-name=ns/remora'], /needs --tls-secret NAMESPACE\/NAME/],
    [['--tls=self', '--tls-secret=ns/ca'], /needs --service-name/],
    [[...SELF, '--tls-life=1s'], /--tls-life must be at least 5s/],
    [[...FILES, '--webhook-configurations=w'], /needs --tls-ca-file/],
    [['--tls=other'], /one of dev, files, self/],
    [['--tls-secret=ca'], /NAMESPACE\/NAME/],
    [['--tls-secret=a/b/c'], /NAMESPACE\/NAME/],
    [['--service-name=Ns/remora'], /NAMESPACE\/NAME/],
    [[`--tls-secret=ns/${'a.'.repeat(130)}a`], /NAMESPACE\/NAME/],
    [['--webhook-configurations=a,,b'], /object names separated by commas/],
    [['--webhook-configurations=a,B'], /"B" is not one/],
  ]
  for (const [args, message] of wrong) t.throws(() => plan(...args), { message }, args.join(' '))
})
