/** `remora status`: asks a running server for its state over its admin socket. */
import { askAdmin, defaultSocketPath } from '../admin/index.ts'
import { STATUS_OPTIONS } from '../config/index.ts'
import { own } from '../json/index.ts'
import { defineCommand } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { choosePaint } from './paint.ts'
import { statusText } from './status-text.ts'
import { jsonData } from './text.ts'

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'print the state of a running server: readiness, revisions, tags, problems, certificate',
  options: STATUS_OPTIONS,
  exitCodes: { success: 'the server is ready', negative: 'the server is not ready' },
  async run({ options, io }) {
    const path = options['admin-socket'] ?? defaultSocketPath(options['metrics-port'])
    const state = await askAdmin(path, { about: 'server' })
    io.out(options.output === 'json' ? jsonData(state, 2) : statusText(state, choosePaint(io)))
    return own(state, 'ready') === true ? EXIT.success : EXIT.negative
  },
})
