/**
 * Performs the Dockerfile's steps in an empty folder, since no container engine is at hand: each stage is a folder, the
 * base image is this Node, and the result is started the way the image would start.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'

const root = resolve(import.meta.dirname, '..')

interface Stage {
  readonly folder: string
  workdir: string
  readonly env: { [name: string]: string }
  user: string | undefined
  healthcheck: readonly string[] | undefined
  entrypoint: readonly string[]
  command: readonly string[]
}

interface Instruction {
  readonly name: string
  readonly text: string
}

function instructions(): Instruction[] {
  return readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return { name, text }
    })
}

/** A JSON list of words, as the exec form of an instruction is. */
function words(text: string): string[] {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

/** Of npm, the test runner and ourselves: none of it is there when an image is built. */
const OURS =
  /^(?:REMORA_|TAP|_TAPJS|INIT_CWD$|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_COMPILE_CACHE$|npm_(?:lifecycle|package|command|execpath|node|config_(?:local_)?prefix))/

/** The base image's Node first, and no tools of the project's own. How the registry is reached is the machine's affair. */
function environment(stage: Stage): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  const system = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: [dirname(process.execPath), ...system].join(':'), ...stage.env }
}

/** tap puts itself into every process that is started from a test, which TypeScript's does not survive. */
const WITHOUT_TAP = 'unset NODE_OPTIONS; '

function copyInto(stage: Stage, stages: ReadonlyMap<string, Stage>, text: string): void {
  const parts = text.split(/\s+/)
  const from = parts[0]?.startsWith('--from=')
    ? stages.get(parts.shift()?.slice('--from='.length) ?? '')
    : undefined
  const target = parts.pop() ?? ''
  for (const source of parts) {
    const path = from === undefined ? join(root, source) : join(from.folder, source)
    const into = join(stage.folder, stage.workdir, target)
    cpSync(path, target.endsWith('/') && !statSync(path).isDirectory() ? join(into, source) : into, {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
}

function build(folder: string): Stage {
  const stages = new Map<string, Stage>()
  let stage: Stage | undefined
  for (const { name, text } of instructions()) {
    if (name === 'FROM') {
      const alias = / AS (\S+)$/.exec(text)?.[1] ?? 'final'
      stage = {
        folder: join(folder, alias),
        workdir: '/',
        env: {},
        user: undefined,
        healthcheck: undefined,
        entrypoint: [],
        command: [],
      }
      stages.set(alias, stage)
      continue
    }
    if (stage === undefined) throw new Error(`${name} before FROM`)
    switch (name) {
      case 'WORKDIR':
        stage.workdir = text
        mkdirSync(join(stage.folder, text), { recursive: true })
        break
      case 'COPY':
        copyInto(stage, stages, text)
        break
      case 'RUN': {
        const options = {
          cwd: join(stage.folder, stage.workdir),
          env: { ...environment(stage), npm_config_prefer_offline: 'true' },
        }
        const ran = spawnSync('sh', ['-c', `${WITHOUT_TAP}${text}`], { ...options, encoding: 'utf8' })
        if (ran.status !== 0) throw new Error(`${text}: ${ran.stdout}${ran.stderr}`)
        break
      }
      case 'ENV': {
        const [variable = '', value = ''] = text.split('=')
        stage.env[variable] = value
        break
      }
      case 'USER':
        stage.user = text
        break
      case 'HEALTHCHECK':
        stage.healthcheck = words(text.slice(text.indexOf('CMD') + 3))
        break
      case 'ENTRYPOINT':
        stage.entrypoint = words(text)
        break
      case 'CMD':
        stage.command = words(text)
        break
      case 'EXPOSE':
        break
      default:
        throw new Error(`the test does not know ${name}`)
    }
  }
  if (stage === undefined) throw new Error('no stage')
  return stage
}

t.test(
  'the image holds production files only, starts, is healthy, and stops',
  { timeout: 110_000 },
  async (t) => {
    // Not below the project, where Node would find the project's own packages.
    const folder = mkdtempSync(join(tmpdir(), 'remora-image-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const image = build(folder)
    const app = join(image.folder, image.workdir)
    t.match(image.user, /^[1-9]\d*:[1-9]\d*$/, 'not root')
    t.same(readdirSync(image.folder), ['app'])
    t.same(readdirSync(app).sort(), ['LICENSE', 'charts', 'dist', 'node_modules', 'package.json'])
    for (const name of ['typescript', 'tap', 'autocannon', 'node', '@biomejs']) {
      t.notOk(existsSync(join(app, 'node_modules', name)), `${name} is not in it`)
    }
    t.same(
      readdirSync(join(app, 'dist'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.ts'),
      ),
      [],
    )

    const cluster = join(folder, 'cluster')
    mkdirSync(cluster)
    writeFileSync(
      join(cluster, 'ns.json'),
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}',
    )
    const ports = { REMORA_PORT: '0', REMORA_METRICS_PORT: '0', REMORA_DRAIN_DELAY: '0' }
    const env = {
      ...environment(image),
      ...ports,
      REMORA_CLUSTER: cluster,
      REMORA_CERT_DIR: join(folder, 'certs'),
    }
    const server = spawn(
      'sh',
      ['-c', `${WITHOUT_TAP}exec "$@"`, 'sh', ...image.entrypoint, ...image.command],
      { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    t.teardown(() => server.kill('SIGKILL'))
    let output = ''
    const serving = new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        output += chunk.toString()
        const health = /"health":"http:\/\/[^"]*?:(\d+)"/.exec(output)
        if (health !== null) resolve(health[1] ?? '')
      }
      server.stdout.on('data', collect)
      server.stderr.on('data', collect)
      server.on('exit', (code) => reject(new Error(`exit ${code}: ${output}`)))
    })
    const port = await serving
    const check = (metricsPort: string) =>
      spawnSync('sh', ['-c', `${WITHOUT_TAP}exec "$@"`, 'sh', ...(image.healthcheck ?? [])], {
        env: { ...env, REMORA_METRICS_PORT: metricsPort },
      }).status
    t.equal(check(port), 0, 'healthy')
    t.equal(check('1'), 1, 'a dead server is not')

    const ended = new Promise((resolve) => server.on('exit', (code, signal) => resolve({ code, signal })))
    server.kill('SIGTERM')
    t.same(await ended, { code: 0, signal: null })
  },
)
