/** urlParse and urlJoin by the rules of Go's net/url (JavaScript's URL normalises too much). */

import { own } from '../../json/index.ts'
import { type FunctionTable, GoFunctionError } from '../functions.ts'
import { fromBytes, toBytes } from '../strconv/go-string.ts'
import { anyMapType, stringType } from '../types.ts'
import { type GoMap, type GoValue, isGoMap, ScalarValue } from '../values.ts'
import { ofStrings } from './define.ts'
import { kindName } from './list-items.ts'

type Part = 'path' | 'host' | 'userinfo' | 'fragment'

const UNRESERVED = /^[A-Za-z0-9_.~-]$/
const KEPT: Readonly<Record<Part, string>> = {
  path: '$&+,/:;=@',
  host: '!$&\'()*+,;=:[]<>"',
  userinfo: '$&+,;=',
  fragment: '$&+,/:;=?@!()*',
}

function escapePart(text: string, part: Part): string {
  let result = ''
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte)
    const plain = UNRESERVED.test(char) || (byte < 0x80 && KEPT[part].includes(char))
    result += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return result
}

function fail(message: string): never {
  throw new GoFunctionError(message)
}

/** Decodes percent escapes; an invalid one is an error. */
function unescapePart(text: string, url: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)
  if (bad !== null)
    fail(`unable to parse url: parse ${JSON.stringify(url)}: invalid URL escape ${JSON.stringify(bad[0])}`)
  if (!text.includes('%')) return text
  const bytes: number[] = []
  const source = toBytes(text)
  for (let at = 0; at < source.length; at++) {
    if (source[at] === 37) {
      bytes.push(Number.parseInt(String.fromCharCode(source[at + 1] ?? 0, source[at + 2] ?? 0), 16))
      at += 2
    } else bytes.push(source[at] ?? 0)
  }
  return fromBytes(Uint8Array.from(bytes))
}

interface ParsedUrl {
  scheme: string
  opaque: string
  userinfo: string | undefined
  host: string
  path: string
  query: string
  fragment: string
}

function splitScheme(url: string): { scheme: string; rest: string } {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)
  if (match !== null) return { scheme: (match[1] ?? '').toLowerCase(), rest: url.slice(match[0].length) }
  if (url.startsWith(':')) fail(`unable to parse url: parse ${JSON.stringify(url)}: missing protocol scheme`)
  return { scheme: '', rest: url }
}

function parse(url: string): ParsedUrl {
  const [beforeFragment = '', ...fragments] = url.split('#')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses exactly these.
  if (/[\x00-\x1f\x7f]/.test(beforeFragment)) {
    fail(`unable to parse url: parse ${JSON.stringify(url)}: net/url: invalid control character in URL`)
  }
  const parsed: ParsedUrl = {
    scheme: '',
    opaque: '',
    userinfo: undefined,
    host: '',
    path: '',
    query: '',
    fragment: '',
  }
  parsed.fragment = unescapePart(fragments.join('#'), url)
  if (beforeFragment === '*') return { ...parsed, path: '*' }
  const { scheme, rest: afterScheme } = splitScheme(beforeFragment)
  parsed.scheme = scheme
  const question = afterScheme.indexOf('?')
  let rest = question < 0 ? afterScheme : afterScheme.slice(0, question)
  parsed.query = question < 0 ? '' : afterScheme.slice(question + 1)
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...parsed, opaque: rest }
    if ((rest.split('/')[0] ?? '').includes(':')) {
      fail(
        `unable to parse url: parse ${JSON.stringify(url)}: first path segment in URL cannot contain colon`,
      )
    }
  }
  if ((scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2)
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
    rest = slash < 0 ? '' : rest.slice(slash)
    parseAuthority(authority, url, parsed)
  }
  parsed.path = unescapePart(rest, url)
  return parsed
}

function parseAuthority(authority: string, url: string, parsed: ParsedUrl): void {
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  if (at >= 0) {
    const userinfo = authority.slice(0, at)
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) {
      fail(`unable to parse url: parse ${JSON.stringify(url)}: net/url: invalid userinfo`)
    }
    const colon = userinfo.indexOf(':')
    const user = escapePart(unescapePart(colon < 0 ? userinfo : userinfo.slice(0, colon), url), 'userinfo')
    const password =
      colon < 0 ? '' : `:${escapePart(unescapePart(userinfo.slice(colon + 1), url), 'userinfo')}`
    parsed.userinfo = user + password
  }
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)?$/.exec(host)?.[1]
  if (port !== undefined && !/^:[0-9]*$/.test(port)) {
    fail(`unable to parse url: parse ${JSON.stringify(url)}: invalid port ${JSON.stringify(port)} after host`)
  }
  if (/[ <>"]/.test(host)) {
    fail(`unable to parse url: parse ${JSON.stringify(url)}: invalid character in host name`)
  }
  parsed.host = unescapePart(host, url)
}

function hostname(host: string): string {
  const bracketed = /^\[(.*)\](?::[0-9]*)?$/.exec(host)
  return bracketed?.[1] ?? host.replace(/:[0-9]*$/, '')
}

function urlParse(url: string): GoMap {
  const { scheme, host, path, query, opaque, fragment, userinfo } = parse(url)
  return { scheme, host, hostname: hostname(host), path, query, opaque, fragment, userinfo: userinfo ?? '' }
}

function part(dict: GoMap, key: string): string {
  const value: GoValue = own(dict, key)
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof ScalarValue && typeof value.value === 'string') return value.value
  return fail(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`)
}

function urlJoin(dict: GoMap): string {
  const get = (key: string): string => part(dict, key)
  const [scheme, host, path, query, opaque, fragment] = [
    'scheme',
    'host',
    'path',
    'query',
    'opaque',
    'fragment',
  ].map(get)
  const given = get('userinfo')
  const userinfo = given === '' ? undefined : parse(`proto://${given}@host`).userinfo
  let url = scheme === '' ? '' : `${scheme}:`
  if (opaque) url += opaque
  else {
    if (scheme || host || userinfo !== undefined) {
      if (host || path || userinfo !== undefined) url += '//'
      if (userinfo !== undefined) url += `${userinfo}@`
      url += escapePart(host ?? '', 'host')
    }
    const escaped = escapePart(path ?? '', 'path')
    if (escaped !== '' && !escaped.startsWith('/') && host) url += '/'
    else if (url === '' && (escaped.split('/')[0] ?? '').includes(':')) url += './'
    url += escaped
  }
  if (query) url += `?${query}`
  return fragment ? `${url}#${escapePart(fragment, 'fragment')}` : url
}

export const urls: FunctionTable = {
  urlParse: ofStrings(1, anyMapType, ([url = '']) => urlParse(url)),
  urlJoin: {
    params: [anyMapType],
    returns: stringType,
    call: ([dict]) => urlJoin(isGoMap(dict) ? dict : {}),
  },
}
