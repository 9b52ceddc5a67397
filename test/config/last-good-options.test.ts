import t from 'tap'
import { planLastGood, readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'

const plan = (...args: string[]) => planLastGood(readOptions(SERVE_OPTIONS, { args, env: {} }))
const secrets = '--last-good-secrets=ns/one,ns/two'
const heartbeats = '--heartbeat-secret=ns/beats'

t.test('no configuration is kept unless requested', async (t) => {
  t.equal(plan('--cluster=live'), undefined)
})

t.test('Secrets are given as NAMESPACE/NAME, without duplicates', async (t) => {
  t.same(plan('--cluster=live', `${secrets},ns/one`, heartbeats), {
    secrets: [
      { namespace: 'ns', name: 'one' },
      { namespace: 'ns', name: 'two' },
    ],
    heartbeatSecret: { namespace: 'ns', name: 'beats' },
    waitMs: 300_000,
  })
  t.match(plan('--cluster=live', secrets, heartbeats, '--last-good-wait=10s'), { waitMs: 10_000 })
})

t.test('mutually exclusive options are refused with a fix', async (t) => {
  for (const [args, code, message] of [
    [['--cluster=live', secrets], 'option-missing', /--heartbeat-secret is missing/],
    [['--cluster=live', heartbeats], 'option-missing', /--last-good-secrets is missing/],
    [['--cluster=here', secrets, heartbeats], 'option-invalid', /needs --cluster=live/],
    [
      ['--cluster=live', secrets, '--heartbeat-secret=ns/two'],
      'option-invalid',
      /must not be one of --last-good-secrets/,
    ],
    [
      ['--cluster=live', '--last-good-secrets=one', heartbeats],
      'option-invalid',
      /NAMESPACE\/NAME.*several separated by commas/,
    ],
  ] as const) {
    t.throws(() => plan(...args), { code, message })
  }
})
