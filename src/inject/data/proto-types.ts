/**
 * Istio's protobuf messages as Go types for templates: fields and getters by Go's names over the messages that the
 * package istio decodes, derived from its schema. Getters work on nil pointers, as generated Go code does.
 */
import {
  anyType,
  type Backing,
  boolType,
  bytesType,
  type FieldSpec,
  float32Type,
  float64Type,
  type GoType,
  type GoValue,
  type InterfaceType,
  int32Type,
  int64Type,
  type MethodSpec,
  mapOf,
  namedScalar,
  PointerValue,
  pointerTo,
  type ScalarType,
  ScalarValue,
  StructType,
  StructValue,
  sliceOf,
  stringType,
  uint32Type,
  uint64Type,
  wrap,
  zeroOf,
} from '../../gotemplate/index.ts'
import { enumDescriptor, type FieldRow, type ProtoMessage, type ProtoSchema } from '../../istio/index.ts'

/** The parameter of protoToJSON: any message. */
export const protoMessageType: InterfaceType = {
  kind: 'interface',
  name: 'protoreflect.ProtoMessage',
  defined: true,
  requires: ['ProtoReflect'],
}

/** The types of one release's messages, created when they are first needed. */
export class ProtoTypes {
  readonly schema: ProtoSchema
  readonly #messages = new Map<string, StructType>()
  readonly #names = new Map<GoType, string>()
  readonly #enums = new Map<string, ScalarType>()

  constructor(schema: ProtoSchema) {
    this.schema = schema
  }

  /** The struct of the named message (`mesh.ProxyConfig`). */
  message(name: string): StructType {
    let type = this.#messages.get(name)
    if (type === undefined) {
      type = new StructType(
        name === 'opaque' ? 'v1.Opaque' : this.schema.message(name).goType,
        () => this.#fields(name),
        () => this.#methods(name),
      )
      this.#messages.set(name, type)
      this.#names.set(type, name)
    }
    return type
  }

  /** A pointer to the message, as in Istio's template data. */
  pointer(name: string, message: ProtoMessage | undefined): PointerValue {
    const type = this.message(name)
    const target = message === undefined ? undefined : new StructValue(type, message, true)
    return new PointerValue(pointerTo(type), target)
  }

  /** The message behind a struct or a pointer to one; undefined for anything else. */
  messageOf(value: GoValue): { readonly name: string; readonly message: ProtoMessage } | undefined {
    const struct = value instanceof PointerValue ? value.target : value
    if (!(struct instanceof StructValue)) return undefined
    const name = this.#names.get(struct.type)
    // A struct of one of these types is backed by a message.
    return name === undefined ? undefined : { name, message: (struct.backing ?? {}) as ProtoMessage }
  }

  #rows(name: string): readonly FieldRow[] {
    return name === 'opaque' ? [] : this.schema.message(name).fields
  }

  #fields(name: string): readonly FieldSpec[] {
    const specs: FieldSpec[] = []
    const oneofs = new Set<string>()
    for (const row of this.#rows(name)) {
      if (row.oneof === undefined) {
        specs.push({ name: row.go, json: row.json, type: this.#type(row) })
      } else if (!oneofs.has(row.oneof)) {
        oneofs.add(row.oneof)
        const members = this.#rows(name).filter((other) => other.oneof === row.oneof)
        specs.push({
          name: row.oneof,
          type: anyType,
          read: (_, backing) => this.#readOneof(members, backing),
        })
      }
    }
    return specs
  }

  /** Go represents a oneof as an interface with a pointer to a struct of one field. */
  #readOneof(members: readonly FieldRow[], backing: Backing): GoValue {
    const row = members.find((member) => Object.hasOwn(backing, member.json))
    if (row === undefined) return null
    const holder = new StructType(row.wrapper ?? row.go, () => [
      { name: row.go, json: row.json, type: this.#type(row) },
    ])
    return new PointerValue(pointerTo(holder), new StructValue(holder, backing, true))
  }

  #methods(name: string): readonly MethodSpec[] {
    const getters = this.#rows(name).map((row): MethodSpec => {
      const returns = this.#type(row)
      const call = (receiver: GoValue): GoValue =>
        receiver instanceof StructValue && receiver.backing !== undefined
          ? wrap(returns, receiver.backing[row.json], true)
          : zeroOf(returns)
      return { name: `Get${row.go}`, receiver: 'pointer', params: [], returns, call }
    })
    // Only identifies the type as a message; its result is useless to a template.
    const marker: MethodSpec = {
      name: 'ProtoReflect',
      receiver: 'pointer',
      params: [],
      returns: anyType,
      call: () => null,
    }
    return [...getters, marker]
  }

  #type(row: FieldRow): GoType {
    const single = this.#single(row)
    if (row.container === 'list') return sliceOf(single)
    return row.container === 'map' ? mapOf(stringType, single) : single
  }

  #single(row: FieldRow): GoType {
    if (row.kind === 'message') return pointerTo(this.message(row.type ?? 'opaque'))
    if (row.kind === 'enum') return this.#enum(row.type ?? '')
    return scalars[row.kind]
  }

  #enum(name: string): ScalarType {
    let type = this.#enums.get(name)
    if (type === undefined) {
      type = enumType(name)
      this.#enums.set(name, type)
    }
    return type
  }
}

const scalars = {
  bool: boolType,
  string: stringType,
  bytes: bytesType,
  int32: int32Type,
  sint32: int32Type,
  uint32: uint32Type,
  int64: int64Type,
  uint64: uint64Type,
  float: float32Type,
  double: float64Type,
}

/** An int32 that prints as its name, or as its number if it has none. */
function enumType(name: string): ScalarType {
  const { goType, byNumber } = enumDescriptor(name)
  const print: MethodSpec = {
    name: 'String',
    receiver: 'value',
    params: [],
    returns: stringType,
    call: (receiver) => {
      const number = receiver instanceof ScalarValue ? Number(receiver.value) : 0
      return byNumber.get(number) ?? String(number)
    },
  }
  return namedScalar(goType, 'int32', [print])
}
