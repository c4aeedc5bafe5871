// The comment above a declaration. Descriptors keep comments apart, under the path of numbers that leads to what is declared.

import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescMessage,
  DescMethod,
  DescService,
} from '@bufbuild/protobuf'
import {
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  ServiceDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt'

type Commented = DescMessage | DescField | DescEnum | DescEnumValue | DescService | DescMethod

const inFile = FileDescriptorProtoSchema.field
const inMessage = DescriptorProtoSchema.field

/** What is written above a declaration, its paragraphs unwrapped; empty where there is nothing. */
export function commentOf(desc: Commented): string {
  const path = pathTo(desc).join('.')
  const locations = fileOf(desc).proto.sourceCodeInfo?.location ?? []
  const found = locations.find((location) => location.path.join('.') === path)
  return unwrap(found?.leadingComments ?? '')
}

/** The paragraphs of a comment, each on one line. */
export function unwrap(comment: string): string {
  const lines = comment.split(/\r?\n/).map((line) => line.trim())
  const paragraphs = lines.join('\n').split(/\n{2,}/)
  return paragraphs
    .map((paragraph) => paragraph.replaceAll('\n', ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

function fileOf(desc: Commented) {
  return 'file' in desc ? desc.file : desc.parent.file
}

function pathTo(desc: Commented): readonly number[] {
  switch (desc.kind) {
    case 'message':
    case 'enum': {
      const [nested, top] =
        desc.kind === 'message'
          ? [inMessage.nestedType.number, inFile.messageType.number]
          : [inMessage.enumType.number, inFile.enumType.number]
      const siblings = listOf(desc)
      const index = siblings.indexOf(desc.proto)
      return desc.parent === undefined ? [top, index] : [...pathTo(desc.parent), nested, index]
    }
    case 'field':
      return [...pathTo(desc.parent), inMessage.field.number, desc.parent.proto.field.indexOf(desc.proto)]
    case 'enum_value':
      return [
        ...pathTo(desc.parent),
        EnumDescriptorProtoSchema.field.value.number,
        desc.parent.proto.value.indexOf(desc.proto),
      ]
    case 'service':
      return [inFile.service.number, desc.file.proto.service.indexOf(desc.proto)]
    case 'rpc':
      return [
        ...pathTo(desc.parent),
        ServiceDescriptorProtoSchema.field.method.number,
        desc.parent.proto.method.indexOf(desc.proto),
      ]
  }
}

/** What a message or an enum stands among. */
function listOf(desc: DescMessage | DescEnum): readonly unknown[] {
  if (desc.kind === 'message') return desc.parent?.proto.nestedType ?? desc.file.proto.messageType
  return desc.parent?.proto.enumType ?? desc.file.proto.enumType
}
