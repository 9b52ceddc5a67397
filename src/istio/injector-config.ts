/**
 * The key `config` of the injector's ConfigMap, decoded as Go decodes it into inject.Config. Templates stay texts; the
 * core compiles them. Istio 1.9 and later.
 */
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import { asInputError, IstioInputError } from './errors.ts'
import type { InputOptions } from './injector-values.ts'

export interface InjectorConfig {
  /** `enabled`, `disabled`, or any other text, for which Istio injects nothing and logs it. */
  readonly policy: string
  /** Never empty: `sidecar` if none is configured. */
  readonly defaultTemplates: readonly string[]
  readonly templates: ReadonlyMap<string, string>
  readonly aliases: ReadonlyMap<string, readonly string[]>
  /** Label selectors as JSON: matchLabels and matchExpressions of the right types; operators are not checked yet. */
  readonly neverInjectSelector: readonly JsonObject[]
  readonly alwaysInjectSelector: readonly JsonObject[]
  readonly injectedAnnotations: ReadonlyMap<string, string>
}

/** The keys that any release since 1.9 reads, for finding misspelt ones. */
export const injectorConfigKeys = [
  'policy',
  'defaultTemplates',
  'template',
  'templates',
  'aliases',
  'neverInjectSelector',
  'alwaysInjectSelector',
  'injectedAnnotations',
] as const

/** The value of `template` since 1.9, which makes an older istiod fail loudly on a newer configuration. */
const poison = 'Template_Version_And_Istio_Version_Mismatched_Check_Installation'

/**
 * @throws IstioInputError `injector-config-invalid` for invalid YAML or a value of the wrong type,
 * `injector-config-too-old` for a configuration of 1.8 or older
 */
export function parseInjectorConfig(text: string, options: Pick<InputOptions, 'source'>): InjectorConfig {
  const decoder = new ConfigDecoder(text, options.source)
  const root = decoder.root()
  const templates = decoder.stringMap(root, 'templates')
  const template = field(root, 'template')
  if (templates.size === 0 && typeof template === 'string' && !template.includes(poison) && template !== '') {
    throw new IstioInputError(
      'injector-config-too-old',
      `${options.source}: it has \`template\` but no \`templates\`, the form of Istio 1.8 and older; upgrade that control plane to 1.9 or newer`,
      { source: options.source, path: 'template', ...decoder.lineOf('template') },
    )
  }
  const defaultTemplates = decoder.stringList(root, 'defaultTemplates')
  return {
    policy: decoder.string(field(root, 'policy'), 'policy'),
    defaultTemplates: defaultTemplates.length === 0 ? ['sidecar'] : defaultTemplates,
    templates,
    aliases: decoder.aliases(root),
    neverInjectSelector: decoder.selectors(root, 'neverInjectSelector'),
    alwaysInjectSelector: decoder.selectors(root, 'alwaysInjectSelector'),
    injectedAnnotations: decoder.stringMap(root, 'injectedAnnotations'),
  }
}

/** Go matches a struct's keys case-insensitively; an exact match wins. */
function field(object: JsonObject, name: string): JsonValue {
  const exact = own(object, name)
  if (exact !== undefined) return exact
  const folded = name.toLowerCase()
  const key = Object.keys(object)
    .sort()
    .findLast((candidate) => candidate.toLowerCase() === folded)
  return key === undefined ? null : (own(object, key) ?? null)
}

/** Whole numbers unchanged, others in single precision as strconv's `g` prints them: 123456789.5 is 1.2345679e+08. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  const narrow = Math.fround(value)
  let digits = 1
  while (digits < 9 && Math.fround(Number(narrow.toExponential(digits - 1))) !== narrow) digits += 1
  const [mantissa = '', exponent = ''] = narrow.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(`${mantissa}e${exponent}`))
  const size = String(Math.abs(power)).padStart(2, '0')
  return `${mantissa}e${power < 0 ? '-' : '+'}${size}`
}

class ConfigDecoder {
  readonly #text: string
  readonly #source: string

  constructor(text: string, source: string) {
    this.#text = text
    this.#source = source
  }

  root(): JsonObject {
    let root: JsonValue
    try {
      root = parseYaml(this.#text, { source: this.#source })
    } catch (error) {
      throw asInputError('injector-config-invalid', this.#source, error)
    }
    if (root === null) return {}
    if (!isObject(root)) throw this.#mismatch('', 'a map', root)
    return root
  }

  /** The line of a top-level key. */
  lineOf(path: string): { readonly line?: number } {
    const key = /^[A-Za-z]+/.exec(path)?.[0]
    if (key === undefined) return {}
    const index = this.#text.split('\n').findIndex((line) => line.startsWith(`${key}:`))
    return index < 0 ? {} : { line: index + 1 }
  }

  #mismatch(path: string, expected: string, found: JsonValue): IstioInputError {
    const shown =
      found === null
        ? 'null'
        : Array.isArray(found)
          ? 'a list'
          : isObject(found)
            ? 'a map'
            : JSON.stringify(found)
    const where = path === '' ? '' : `, ${path}`
    return new IstioInputError(
      'injector-config-invalid',
      `${this.#source}${where}: expected ${expected}, found ${shown}`,
      {
        source: this.#source,
        path,
        ...this.lineOf(path),
      },
    )
  }

  /** sigs.k8s.io/yaml converts plain scalars to text if Go's field is a string; null becomes "". */
  string(value: JsonValue, path: string): string {
    if (value === null) return ''
    if (typeof value === 'string') return value
    if (typeof value === 'number') return numberText(value)
    if (typeof value === 'boolean') return String(value)
    throw this.#mismatch(path, 'a string', value)
  }

  list(value: JsonValue, path: string): readonly JsonValue[] {
    if (value === null) return []
    if (!Array.isArray(value)) throw this.#mismatch(path, 'a list', value)
    return value
  }

  map(value: JsonValue, path: string): JsonObject {
    if (value === null) return {}
    if (!isObject(value)) throw this.#mismatch(path, 'a map', value)
    return value
  }

  stringList(parent: JsonObject, name: string, path = name): readonly string[] {
    return this.list(field(parent, name), path).map((item, i) => this.string(item, `${path}[${i}]`))
  }

  stringMap(parent: JsonObject, name: string, path = name): ReadonlyMap<string, string> {
    const entries = Object.entries(this.map(field(parent, name), path))
    return new Map(entries.map(([key, value]) => [key, this.string(value, `${path}.${key}`)]))
  }

  aliases(root: JsonObject): ReadonlyMap<string, readonly string[]> {
    const map = this.map(field(root, 'aliases'), 'aliases')
    return new Map(
      Object.keys(map).map((key) => {
        const path = `aliases.${key}`
        const names = this.list(own(map, key) ?? null, path)
        return [key, names.map((name, i) => this.string(name, `${path}[${i}]`))]
      }),
    )
  }

  selectors(root: JsonObject, name: string): readonly JsonObject[] {
    return this.list(field(root, name), name).map((item, i) => {
      const path = `${name}[${i}]`
      const selector = this.map(item, path)
      const matchLabels = Object.fromEntries(this.stringMap(selector, 'matchLabels', `${path}.matchLabels`))
      const expressions = this.list(field(selector, 'matchExpressions'), `${path}.matchExpressions`)
      const matchExpressions = expressions.map((raw, j) => {
        const at = `${path}.matchExpressions[${j}]`
        const expression = this.map(raw, at)
        return {
          key: this.string(field(expression, 'key'), `${at}.key`),
          operator: this.string(field(expression, 'operator'), `${at}.operator`),
          values: this.stringList(expression, 'values', `${at}.values`),
        }
      })
      return { matchLabels, matchExpressions }
    })
  }
}
