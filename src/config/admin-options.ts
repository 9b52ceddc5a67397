/** The options of the commands that ask a running server: `remora status` and `remora admin`. */
import { CAPTURE_FILTER_OPTIONS, CAPTURE_OPTIONS } from './capture-options.ts'
import { ADMIN_SOCKET, HELP, METRICS_PORT } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'

/** They select the server. */
const ASKED_SERVER = {
  'admin-socket': {
    ...ADMIN_SOCKET,
    help: 'Unix socket of the server; default: the socket of a server with this --metrics-port',
  },
  'metrics-port': {
    ...METRICS_PORT,
    help: "the server's port for probes and metrics; its default socket has this number in its name",
  },
} as const satisfies OptionTable

export const ADMIN_OPTIONS = {
  capture: {
    ...CAPTURE_OPTIONS.capture,
    help: 'the --capture folder of the server; its socket is used instead of the admin socket',
  },
  ...ASKED_SERVER,
  ...CAPTURE_FILTER_OPTIONS,
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  help: HELP,
} as const satisfies OptionTable

export const STATUS_OPTIONS = {
  ...ASKED_SERVER,
  output: outputOption('text', 'json'),
  help: HELP,
} as const satisfies OptionTable

export type StatusOptions = Values<typeof STATUS_OPTIONS>
export type AdminOptions = Values<typeof ADMIN_OPTIONS>
