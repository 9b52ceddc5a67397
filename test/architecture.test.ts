/** Enforces ARCHITECTURE.md's packages: the order of imports, no cycles, one importer for each dependency, purity. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import t from 'tap'
import { PACKAGES, PURE_PACKAGES } from './packages.ts'

const source = new URL('../src', import.meta.url).pathname

/** The only package that may import each dependency. Above the purity line all others are forbidden. */
const IMPORTERS: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'cluster',
  'node-forge': 'certs',
  fastify: 'server',
  pino: 'observe',
  'prom-client': 'observe',
  re2js: 'gotemplate',
  'fast-json-patch': 'jsonpatch',
}
const FORBIDDEN_GLOBALS = [
  'process',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'performance',
  'Date.now',
  'new Date()',
  'Math.random',
  'crypto',
  'globalThis',
  'eval',
  'new Function',
]

interface Import {
  readonly file: string
  readonly specifier: string
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sourceFiles(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

/** Blanks comments and texts, so that only code is searched. */
function codeOf(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (match) => (match.startsWith("'") || match.startsWith('"') || match.startsWith('`') ? "''" : ' '),
  )
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm, '')
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\n[^'"\n;]*?)*?\bfrom\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
  }))
}

function packageOf(file: string): string {
  return relative(source, file).split('/')[0] ?? ''
}

function rank(name: string): number {
  return (PACKAGES as readonly string[]).indexOf(name)
}

const files = sourceFiles(source)
const imports = files.flatMap(importsOf)
const localTarget = (entry: Import): string => normalize(join(dirname(entry.file), entry.specifier))
const localImports = imports.filter((entry) => entry.specifier.startsWith('.'))
const dependencyOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

t.test('every source file is in a known package', async (t) => {
  const strangers = files.filter((file) => rank(packageOf(file)) < 0).map((file) => relative(source, file))
  t.same(strangers, [])
})

t.test('a package imports only packages above it, through their index.ts', async (t) => {
  const wrong = localImports.flatMap((entry) => {
    const target = localTarget(entry)
    const [from, to] = [packageOf(entry.file), packageOf(target)]
    if (from === to) return []
    const line = `${relative(source, entry.file)} -> ${relative(source, target)}`
    if (rank(to) > rank(from)) return [`${line}: a package below`]
    const throughIndex = to.endsWith('.ts') || relative(source, target) === join(to, 'index.ts')
    return throughIndex ? [] : [`${line}: not through index.ts`]
  })
  t.same(wrong, [])
})

t.test('there are no import cycles, including type imports', async (t) => {
  const edges = new Map<string, string[]>()
  for (const entry of localImports) {
    edges.set(entry.file, [...(edges.get(entry.file) ?? []), localTarget(entry)])
  }
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push([...trail.slice(trail.indexOf(file)), file].map((f) => relative(source, f)).join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  t.same(cycles, [])
})

t.test('each dependency has one importer, and pure packages import no others', async (t) => {
  const wrong = imports
    .filter((entry) => !entry.specifier.startsWith('.'))
    .flatMap((entry) => {
      const name = dependencyOf(entry.specifier)
      const line = `${relative(source, entry.file)} imports ${entry.specifier}`
      const importer = IMPORTERS[name]
      if (importer !== undefined) return packageOf(entry.file) === importer ? [] : [line]
      const pure = rank(packageOf(entry.file)) <= PURE_PACKAGES.length - 1
      return pure || !entry.specifier.startsWith('node:') ? [line] : []
    })
  t.same(wrong, [])
})

t.test('@kubernetes/client-node is only ever loaded on demand', async (t) => {
  const eager = files.filter((file) =>
    /(?:^|\n)\s*import\s+(?!type\b)[^\n]*['"]@kubernetes\/client-node/.test(readFileSync(file, 'utf8')),
  )
  t.same(
    eager.map((file) => relative(source, file)),
    [],
  )
})

t.test('above the purity line nothing reads clock, randomness, environment or network', async (t) => {
  const wrong = files
    .filter((file) => rank(packageOf(file)) <= PURE_PACKAGES.length - 1)
    .flatMap((file) => {
      const code = codeOf(readFileSync(file, 'utf8'))
      return FORBIDDEN_GLOBALS.filter((name) => {
        const escaped = name.replace(/[.()]/g, '\\$&')
        return new RegExp(`(?<![\\w.$'])${escaped}(?![\\w$:])`).test(code)
      }).map((name) => `${relative(source, file)} uses ${name}`)
    })
  t.same(wrong, [])
})

t.test('only one module writes to standard output and error', async (t) => {
  const printing =
    /\bprocess\s*\.\s*(?:stdout|stderr)\b|\bconsole\b|\bwriteSync\s*\(|['"](?:node:)?(?:tty|readline|console)['"]/
  const direct = files
    .filter((file) => printing.test(codeOf(readFileSync(file, 'utf8'))))
    .map((file) => relative(source, file))
  t.same(direct, ['main.ts'], 'which hands its streams to the command line')
  const raw = files
    .filter((file) => /\brawText\b/.test(codeOf(readFileSync(file, 'utf8'))))
    .map((file) => relative(source, file))
  t.same(raw.sort(), ['cli/index.ts', 'cli/text.ts'], 'who unwraps a Text')
  const commands = files.filter((file) => /\bProcessIo\b/.test(codeOf(readFileSync(file, 'utf8'))))
  t.same(
    commands.map((file) => relative(source, file)).sort(),
    ['cli/command.ts', 'cli/index.ts', 'main.ts'],
    'no command sees the streams themselves',
  )
})

t.test('unescaped text is allowed only in named places', async (t) => {
  const uses = files.flatMap((file) =>
    [...codeOf(readFileSync(file, 'utf8')).matchAll(/\b(ownText|manifestData|htmlPage|surround)\((\w*)/g)]
      .map(([, name, first]) => `${relative(source, file)} ${name}(${first}`)
      .filter((line) => !line.startsWith('cli/text.ts')),
  )
  t.same(uses.sort(), [
    'cli/command.ts ownText(help',
    'cli/complete.ts ownText(',
    'cli/completion.ts ownText(script',
    'cli/help.ts ownText(command',
    'cli/help.ts ownText(help',
    'cli/index.ts ownText(',
    'cli/inject.ts manifestData(injected',
    'cli/paint.ts surround(',
    'cli/paint.ts surround(',
    'cli/preview.ts htmlPage(previewHtml',
    'cli/rollout-plan-text.ts manifestData(encodeYaml',
  ])
})

/**
 * Classes of which a module above the purity line may have an instance: constants. StructType and ProtoSchema derive
 * their own descriptions of the program's types when they are first asked for them.
 */
const CONSTANT_CLASSES = new Set([
  'Map',
  'Set',
  'RegExp',
  'TextDecoder',
  'TextEncoder',
  'StructType',
  'Fields',
])
const MUTATIONS = 'set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin'

/** The module-level names of a file that can change: variables, weak collections, instances, and what is written to. */
function stateOf(code: string): string[] {
  const constants = [...code.matchAll(/^(?:export )?const (\w+)(?:: [^=]+?)? =\s*(?:new (\w+))?/gm)]
  return [
    ...[...code.matchAll(/^(?:export )?(?:let|var) (\w+)/gm)].map(([, name]) => name ?? ''),
    ...constants.flatMap(([, name = '', made]) => {
      const written = new RegExp(
        `(?<![\\w.])${name}(?:\\.(?:${MUTATIONS})\\(|(?:\\.\\w+|\\[[^\\]]*\\]) (?:[-+|&?]{0,2})= |[^\\n]*Object\\.assign\\(${name}\\b)`,
      )
      return (made !== undefined && !CONSTANT_CLASSES.has(made)) || written.test(code) ? [name] : []
    }),
  ]
}

t.test('above the purity line no module has state of its own', async (t) => {
  for (const state of [
    'let total = 0',
    'const seen = new WeakMap<object, string>()',
    'export const cache: FairCache<string> = new FairCache(1)',
    'const known =\n  new Map<string, string>()\nfunction f() {\n  known.set(a, b)\n}',
    'const list: string[] = []\nfunction f() {\n  list.push(a)\n}',
    'const table: { [key: string]: string } = {}\nfunction f() {\n  table[a] = b\n}',
  ])
    t.equal(stateOf(state).length, 1, state)
  t.same(
    stateOf(
      'const table: ReadonlyMap<string, string> = new Map([])\ntable.get(a)\nconst f = () => new Set()',
    ),
    [],
  )
  const found = files
    .filter((file) => rank(packageOf(file)) <= PURE_PACKAGES.length - 1)
    .flatMap((file) =>
      stateOf(codeOf(readFileSync(file, 'utf8'))).map((name) => `${relative(source, file)} ${name}`),
    )
  t.same(found, [])
})
