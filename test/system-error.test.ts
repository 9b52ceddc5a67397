/** Errors of the operating system and of TLS are described in words, followed by the code. */
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import t from 'tap'
import { describeSystemError } from '../src/system-error.ts'

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

t.test('errors of Node are described in words with their code', async (t) => {
  const folder = t.testdir({ file: '' })
  const read = async (path: string) => describeSystemError(await failureOf(readFile(path)))
  t.equal(await read(`${folder}/missing`), 'there is no such file or folder (ENOENT)')
  t.equal(await read(folder), 'this is a folder; expected a file (EISDIR)')
  t.equal(await read(`${folder}/file/x`), 'a part of the path is a file; expected a folder (ENOTDIR)')
  const refused = await new Promise((resolve) => connect(1, '127.0.0.1').once('error', resolve))
  t.equal(describeSystemError(refused), '127.0.0.1:1: nothing listens there (ECONNREFUSED)')
})

t.test(
  'errors of several addresses and of TLS are described, and unknown errors keep their message',
  async (t) => {
    const to = (address: string, code: string) => Object.assign(new Error('x'), { code, address, port: 443 })
    const both = new AggregateError([to('::1', 'ECONNREFUSED'), to('10.0.0.1', 'ETIMEDOUT')])
    t.equal(
      describeSystemError(both),
      '[::1]:443: nothing listens there (ECONNREFUSED); 10.0.0.1:443: the other side does not respond (ETIMEDOUT)',
    )
    const expired = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })
    t.equal(describeSystemError(expired), 'its certificate has expired (CERT_HAS_EXPIRED)')
    t.equal(describeSystemError(new Error('own words')), 'own words')
    t.equal(describeSystemError('text'), 'text')
  },
)
