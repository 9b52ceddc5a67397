/**
 * The node of the end-to-end tests as a separate process, because the suite waits for kubectl and helm synchronously
 * while pods are admitted.
 *
 *   node main.ts KUBECONFIG FOLDER LOG_FOLDER ENTRY_POINT
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ClusterApi } from './cluster-api.ts'
import { Node } from './node.ts'

const PAUSE_MS = 100

const [kubeconfig = '', folder = '', logFolder = '', entryPoint = ''] = process.argv.slice(2)
const log = (line: string): void => console.log(`${new Date().toISOString()} ${line}`)
const node = new Node({ api: new ClusterApi(kubeconfig), folder, logFolder, entryPoint, log })
const parent = process.ppid
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())

let lastError = ''
while (!stop.signal.aborted && process.ppid === parent) {
  try {
    await node.pass()
    lastError = ''
  } catch (error) {
    // The API server may be away for a while.
    if (String(error) !== lastError) log(String(error))
    lastError = String(error)
  }
  await sleep(PAUSE_MS)
}
await node.close()
process.exit(0)
