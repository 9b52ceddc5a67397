/**
 * Go's fmt: one argument with one verb, including composites and methods (Error, String). Format strings are in
 * printf.ts.
 */
import { isNil } from '../builtins/nil.ts'
import type { FunctionContext } from '../context.ts'
import { hasMethod } from '../eval/fit.ts'
import { mapKeyValue, sortedKeys } from '../eval/map-order.ts'
import { findMethod } from '../eval/member.ts'
import { GoFunctionError } from '../functions.ts'
import { fromBytes, toBytes } from '../strconv/go-string.ts'
import { canBackquote, quote } from '../strconv/quote.ts'
import { anyType } from '../types.ts'
import {
  BytesValue,
  ComplexValue,
  ErrorValue,
  errorStruct,
  FuncValue,
  type GoMap,
  type GoValue,
  isGoList,
  isGoMap,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  SliceValue,
  StructValue,
  typeName,
} from '../values.ts'
import { listGet, listLength, mapGet, readField } from '../wrap.ts'
import { Flags, pad, padding, truncate } from './flags.ts'
import { formatFloatVerb, formatInteger } from './numbers.ts'

/** Deeper data is an error: Go would print it, and cyclic data would kill the process. */
const MAX_DEPTH = 500
/** Printed for an address: the number of a pointer has no meaning here. */
const ADDRESS = 0xc000012345n
const CODE_ADDRESS = 0xd453e0n

export class Printer {
  readonly flags = new Flags()
  readonly #context: FunctionContext
  #erroring = false

  constructor(context: FunctionContext) {
    this.#context = context
  }

  /** An argument of Print or Printf. */
  argument(value: GoValue, verb: string): string {
    if (value === undefined || value === null || value instanceof NilInterface) {
      return verb === 'T' || verb === 'v'
        ? pad(this.flags, '<nil>', this.#context)
        : this.#badVerb(value, verb)
    }
    if (verb === 'T') return this.#text(typeName(value))
    if (verb === 'p') return this.#pointer(value, verb)
    return this.#value(value, verb, 0)
  }

  #value(value: GoValue, verb: string, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.#string(value, verb, value)
      case 'boolean':
        return this.#bool(value, verb, value)
      case 'number':
        return this.#orBad(formatFloatVerb(value, 64, verb, this.flags, this.#context), value, verb)
      case 'bigint':
        return this.#orBad(formatInteger(value, true, verb, this.flags, this.#context), value, verb)
    }
    if (depth > MAX_DEPTH) throw new GoFunctionError('the value is nested too deeply to be printed')
    this.#context.budget.charge(3)
    // %w is for wrapping errors, which no template can do.
    if (verb === 'w' && !this.#erroring) return this.#badVerb(value, verb)
    const byMethod = this.#byMethod(value, verb)
    if (byMethod !== undefined) return byMethod
    if (value === undefined || value === null || value instanceof NilInterface) {
      return this.#nil(value, depth)
    }
    if (isGoMap(value) || value instanceof MapValue) return this.#map(value, verb, depth)
    if (isGoList(value) || value instanceof SliceValue) return this.#list(value, verb, depth)
    if (value instanceof ScalarValue) return this.#scalar(value, verb)
    if (value instanceof StructValue) return this.#struct(value, verb, depth)
    if (value instanceof BytesValue) return this.#bytes(value, verb, depth)
    if (value instanceof ComplexValue) return this.#complex(value, verb)
    if (value instanceof PointerValue && depth === 0 && isComposite(value.target)) {
      return `&${this.#value(value.target, verb, depth + 1)}`
    }
    if (value instanceof ErrorValue && depth === 0) {
      return `&${this.#value(errorStruct(value), verb, depth + 1)}`
    }
    return this.#pointer(value, verb)
  }

  #nil(value: GoValue, depth: number): string {
    if (!this.flags.sharpV || depth === 0) return '<nil>'
    return `${value instanceof NilInterface ? value.type.name : anyType.name}(nil)`
  }

  /** Calls Error or String if the verb accepts text. */
  #byMethod(value: GoValue, verb: string): string | undefined {
    if (this.#erroring || this.flags.sharpV || !'vsxXq'.includes(verb)) return undefined
    const name = hasMethod(value, 'Error') ? 'Error' : hasMethod(value, 'String') ? 'String' : undefined
    if (name === undefined) return undefined
    const method = findMethod(value, name)
    if (method === undefined || method.spec.params.length > 0) return undefined
    if (value instanceof PointerValue && value.target === undefined && method.spec.receiver === 'value') {
      return '<nil>'
    }
    try {
      const text = method.spec.call(method.receiver, [], this.#context)
      return this.#string(typeof text === 'string' ? text : '', verb, value)
    } catch (error) {
      if (!(error instanceof GoFunctionError)) throw error
      return `%!${verb}(PANIC=${name} method: ${error.message})`
    }
  }

  #scalar(scalar: ScalarValue, verb: string): string {
    const { value, type } = scalar
    switch (typeof value) {
      case 'string':
        return this.#string(value, verb, scalar)
      case 'boolean':
        return this.#bool(value, verb, scalar)
      case 'number': {
        const bits = type.kind === 'float32' ? 32 : 64
        return this.#orBad(formatFloatVerb(value, bits, verb, this.flags, this.#context), scalar, verb)
      }
      case 'bigint': {
        const signed = !type.kind.startsWith('u')
        return this.#orBad(formatInteger(value, signed, verb, this.flags, this.#context), scalar, verb)
      }
    }
  }

  #bool(value: boolean, verb: string, origin: GoValue): string {
    if (verb !== 't' && verb !== 'v') return this.#badVerb(origin, verb)
    return pad(this.flags, String(value), this.#context)
  }

  #text(text: string): string {
    return pad(this.flags, truncate(this.flags, text), this.#context)
  }

  #string(text: string, verb: string, origin: GoValue): string {
    switch (verb) {
      case 'v':
        return this.flags.sharpV ? this.#quoted(text) : this.#text(text)
      case 's':
        return this.#text(text)
      case 'q':
        return this.#quoted(text)
      case 'x':
      case 'X':
        return this.#hex(toBytes(text), verb)
      default:
        return this.#badVerb(origin, verb)
    }
  }

  #quoted(text: string): string {
    const shown = truncate(this.flags, text)
    this.#context.budget.allocate(shown.length)
    const literal = this.flags.sharp && canBackquote(shown) ? `\`${shown}\`` : quote(shown, this.flags.plus)
    return pad(this.flags, literal, this.#context)
  }

  #hex(bytes: Uint8Array, verb: string): string {
    const { flags } = this
    const shown = flags.precision === undefined ? bytes : bytes.subarray(0, flags.precision)
    if (shown.length === 0) return padding(flags, 0, this.#context)
    this.#context.budget.allocate(shown.length * 5)
    const prefix = flags.sharp ? `0${verb}` : ''
    const pairs = Array.from(shown, (byte) => {
      const pair = byte.toString(16).padStart(2, '0')
      return verb === 'X' ? pair.toUpperCase() : pair
    })
    const text = flags.space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('')
    const fill = padding(flags, text.length, this.#context)
    return flags.minus ? text + fill : fill + text
  }

  #bytes(value: BytesValue, verb: string, depth: number): string {
    const { bytes } = value
    if (verb === 's') return this.#text(fromBytes(bytes))
    if (verb === 'q') return this.#quoted(fromBytes(bytes))
    if (verb === 'x' || verb === 'X') return this.#hex(bytes, verb)
    const { sharpV } = this.flags
    const isPlain = verb === 'v' || verb === 'd'
    const items = Array.from(bytes, (byte) => {
      const shown = formatInteger(BigInt(byte), false, verb, this.flags, this.#context)
      return shown ?? this.#badVerb(new ScalarValue(BYTE, BigInt(byte)), verb)
    })
    if (!sharpV) return `[${items.join(' ')}]`
    return `${isPlain && depth === 0 ? '[]byte' : value.type.name}{${items.join(', ')}}`
  }

  #map(map: GoMap | MapValue, verb: string, depth: number): string {
    const { sharpV } = this.flags
    const type = map instanceof MapValue ? map.type.name : 'map[string]interface {}'
    if (sharpV && map instanceof MapValue && map.backing === undefined) return `${type}(nil)`
    const keys = sortedKeys(map)
    this.#context.budget.charge(keys.length * 3)
    const items = keys.map((key) => {
      const shown = this.#value(mapKeyValue(map, key), verb, depth + 1)
      return `${shown}:${this.#value(mapGet(map, key), verb, depth + 1)}`
    })
    return sharpV ? `${type}{${items.join(', ')}}` : `map[${items.join(' ')}]`
  }

  #list(list: readonly GoValue[] | SliceValue, verb: string, depth: number): string {
    const { sharpV } = this.flags
    const type = list instanceof SliceValue ? list.type.name : '[]interface {}'
    if (sharpV && list instanceof SliceValue && list.backing === undefined) return `${type}(nil)`
    const items: string[] = []
    const length = listLength(list)
    this.#context.budget.charge(length >> 1)
    for (let i = 0; i < length; i++) items.push(this.#value(listGet(list, i), verb, depth + 1))
    return sharpV ? `${type}{${items.join(', ')}}` : `[${items.join(' ')}]`
  }

  #struct(struct: StructValue, verb: string, depth: number): string {
    const { sharpV, plusV } = this.flags
    const items = struct.type.fields.map((field) => {
      const shown = this.#value(readField(struct, field), verb, depth + 1)
      return plusV || sharpV ? `${field.name}:${shown}` : shown
    })
    return sharpV ? `${struct.type.name}{${items.join(', ')}}` : `{${items.join(' ')}}`
  }

  #complex(value: ComplexValue, verb: string): string {
    const real = formatFloatVerb(value.real, 64, verb, this.flags, this.#context)
    if (real === undefined || !'vbgGxXfFeE'.includes(verb)) return this.#badVerb(value, verb)
    const { plus } = this.flags
    this.flags.plus = true
    const imaginary = formatFloatVerb(value.imaginary, 64, verb, this.flags, this.#context) ?? ''
    this.flags.plus = plus
    return `(${real}${imaginary}i)`
  }

  #pointer(value: GoValue, verb: string): string {
    const isPointer =
      value instanceof PointerValue ||
      value instanceof FuncValue ||
      value instanceof ErrorValue ||
      isGoMap(value) ||
      isGoList(value) ||
      value instanceof MapValue ||
      value instanceof SliceValue ||
      value instanceof BytesValue
    if (!isPointer) return this.#badVerb(value, verb)
    const address = isNil(value) ? 0n : value instanceof FuncValue ? CODE_ADDRESS : ADDRESS
    if (verb === 'v') {
      if (this.flags.sharpV) {
        return `(${typeName(value)})(${address === 0n ? 'nil' : `0x${address.toString(16)}`})`
      }
      return address === 0n ? pad(this.flags, '<nil>', this.#context) : `0x${address.toString(16)}`
    }
    if (verb === 'p') return this.#address(address)
    if (!'bodxX'.includes(verb)) return this.#badVerb(value, verb)
    return formatInteger(address, false, verb, this.flags, this.#context) ?? ''
  }

  #address(address: bigint): string {
    const { sharp } = this.flags
    this.flags.sharp = !sharp
    const text = formatInteger(address, false, 'x', this.flags, this.#context) ?? ''
    this.flags.sharp = sharp
    return text
  }

  #orBad(text: string | undefined, value: GoValue, verb: string): string {
    return text ?? this.#badVerb(value, verb)
  }

  /** `%!d(string=x)`. */
  #badVerb(value: GoValue, verb: string): string {
    if (value === undefined || value === null || value instanceof NilInterface) return `%!${verb}(<nil>)`
    this.#erroring = true
    const shown = `%!${verb}(${typeName(value)}=${this.#value(value, 'v', 0)})`
    this.#erroring = false
    return shown
  }
}

const BYTE = { kind: 'uint8', name: 'uint8', defined: true, methods: [] } as const

function isComposite(value: GoValue): boolean {
  return (
    isGoMap(value) ||
    isGoList(value) ||
    value instanceof StructValue ||
    value instanceof MapValue ||
    value instanceof SliceValue
  )
}
