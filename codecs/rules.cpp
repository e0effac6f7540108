#include "codecs/rules.h"

namespace s1flow::codecs {

constinit const Rule kXmlNotWellFormed{
    .id = "xml.not-well-formed",
    .scope = RuleScope::file,
    .clause = "XML 1.0 2.1, Namespaces in XML 1.0 7",
    .title = "The file is not well-formed XML",
    .meaning =
        "An XML parser cannot read the document to its end: tags do not match, a name space is not "
        "declared, a character is "
        "not allowed, or bytes are missing or left over.",
    .cause = "A truncated transfer, or a writer that puts texts together without escaping them.",
    .remedy =
        "Ask the sender for the file again; compare its length and digest with what was sent.",
};
constinit const Rule kXmlDoctype{
    .id = "xml.doctype",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The file has a DOCTYPE",
    .meaning =
        "Document type declarations can pull in other files and blow up in memory. No migration "
        "file needs one, so the file "
        "is refused at the first byte of it.",
    .cause = "A generic XML tool wrote the file, or somebody tries what happens.",
    .remedy = "Have the sender write the file without a DOCTYPE, and sign it anew.",
};
constinit const Rule kXmlEncoding{
    .id = "xml.encoding",
    .scope = RuleScope::file,
    .clause = "XML 1.0 4.3.3",
    .title = "The file is not UTF-8",
    .meaning =
        "Migration files are UTF-8, with at most one byte order mark at the start. Another "
        "declared encoding, or bytes that "
        "are not UTF-8, would let two readers see two texts.",
    .cause = "The file was saved by an editor in another encoding, or its declaration is wrong.",
    .remedy = "Have the file written as UTF-8 with encoding=\"UTF-8\" and signed anew.",
};
constinit const Rule kXmlLimit{
    .id = "xml.limit",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The file exceeds a size limit",
    .meaning =
        "A name, text, depth, number of attributes or record is larger than any migration file "
        "needs.",
    .cause = "A broken writer, or an attempt to exhaust the reader.",
    .remedy =
        "Look at the place named; if the size is right, raise the limit in the batch's [limits].",
};
constinit const Rule kXmlSchema{
    .id = "xml.schema",
    .scope = RuleScope::file,
    .clause = "MTAD 5.3, 5.6",
    .title = "The file breaks its schema",
    .meaning =
        "The XML Schema of the file type does not allow what stands here: an element is missing, "
        "out of place or unknown, or a "
        "value is not of its type.",
    .cause =
        "Sender and receiver use different versions of the schema, or a required value was empty "
        "at the source.",
    .remedy =
        "Correct the value or element named and have the file signed anew; check which schema "
        "version both sides hold.",
};
constinit const Rule kCsvMalformed{
    .id = "csv.malformed",
    .scope = RuleScope::file,
    .clause = "RFC 4180 2",
    .title = "The file is not well-formed CSV",
    .meaning =
        "A quote stands inside an unquoted field, text follows a closing quote, a quoted field "
        "never ends, or a line ends with "
        "a lone carriage return: where rows begin and end is no longer certain.",
    .cause = "The file was put together by hand or cut off.",
    .remedy =
        "Export the file again; fields with quotes, delimiters or line ends have to be quoted, "
        "quotes inside them doubled.",
};
constinit const Rule kCsvHeader{
    .id = "csv.header",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The header line is not the layout's",
    .meaning = "The first line has to name the columns of the layout, in its order.",
    .cause = "Another template version, another delimiter, or no header line.",
    .remedy =
        "Use the template that the layout describes ('s1flow list layouts'), or give the layout "
        "that fits.",
};
constinit const Rule kCsvRaggedRow{
    .id = "csv.ragged-row",
    .scope = RuleScope::record,
    .clause = "RFC 4180 2.4",
    .title = "The row has the wrong number of fields",
    .meaning = "Each row has to hold as many fields as the header names.",
    .cause = "A delimiter inside an unquoted field, or a column that was left out.",
    .remedy = "Correct the row; quote fields that hold the delimiter.",
};
constinit const Rule kCsvLimit{
    .id = "csv.limit",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The file exceeds a size limit",
    .meaning = "A field or row is longer, or a row has more fields, than any migration file needs.",
    .cause =
        "A quote that is never closed swallows the rest of the file, or the file is something "
        "else.",
    .remedy =
        "Look at the place named; if the size is right, raise the limit in the batch's [limits].",
};
constinit const Rule kJsonMalformed{
    .id = "json.malformed",
    .scope = RuleScope::record,
    .clause = "RFC 8259",
    .title = "The line is not a JSON object",
    .meaning = "Each line of a JSON Lines file has to be one whole JSON object.",
    .cause = "A line was cut, or an object was written over several lines.",
    .remedy = "Export the line again; one object a line, no comma between lines.",
};
constinit const Rule kJsonDuplicateKey{
    .id = "json.duplicate-key",
    .scope = RuleScope::record,
    .clause = "RFC 8259 4",
    .title = "An object names a key twice",
    .meaning = "Readers differ on which of the two values counts, so neither is taken.",
    .cause = "A record was merged from two sources.",
    .remedy = "Remove the key that is wrong.",
};
constinit const Rule kJsonLimit{
    .id = "json.limit",
    .scope = RuleScope::file,
    .clause = {},
    .title = "A line exceeds a size limit",
    .meaning = "A line or its nesting is larger than any installation needs.",
    .cause = "The file is not JSON Lines.",
    .remedy =
        "Write one object a line; if the size is right, raise the limit in the batch's [limits].",
};
constinit const Rule kZipRefused{
    .id = "zip.refused",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The protected container cannot be opened",
    .meaning =
        "A ZIP has to hold exactly one file, encrypted with AES-256, under the container's own "
        "name, "
        "within the limits of size, and it has to open with the password.",
    .cause = "Another password file, a tool that encrypts in another way, or a damaged transfer.",
    .remedy =
        "Ask the sender for the container and its password file again; s1flow encrypt shows the "
        "form.",
};
constinit const Rule kTextEncoding{
    .id = "text.encoding",
    .scope = RuleScope::file,
    .clause = {},
    .title = "The file is not UTF-8",
    .meaning = "CSV and JSON Lines files are UTF-8; here stands a byte that is not, or a NUL.",
    .cause = "The file was saved in another encoding, such as UTF-16 or Windows-1252.",
    .remedy = "Save the file as UTF-8.",
};
constinit const Rule kValueInvalid{
    .id = "value.invalid",
    .scope = RuleScope::record,
    .clause = "MTAD 5.3, 5.6",
    .title = "A value has the wrong form",
    .meaning =
        "The text is not a value of its field: an MPAN without 13 digits, a date that does not "
        "exist, an unknown code.",
    .cause = "A typing error, a number format of a spreadsheet, or another date format.",
    .remedy = "Correct the value; the finding says which form is expected.",
};
constinit const Rule kValueMissing{
    .id = "value.missing",
    .scope = RuleScope::record,
    .clause = "MTAD 5.3, 5.6",
    .title = "A required value is missing",
    .meaning = "The record cannot be used without this value.",
    .cause = "An empty cell or a key that was left out.",
    .remedy = "Fill in the value.",
};

std::span<const Rule* const> codec_rules() {
  static constexpr const Rule* kRules[] = {
      &kXmlNotWellFormed, &kXmlDoctype,    &kXmlEncoding,      &kXmlLimit,
      &kXmlSchema,        &kCsvMalformed,  &kCsvHeader,        &kCsvRaggedRow,
      &kCsvLimit,         &kJsonMalformed, &kJsonDuplicateKey, &kJsonLimit,
      &kZipRefused,       &kTextEncoding,  &kValueInvalid,     &kValueMissing,
  };
  return kRules;
}

Finding to_finding(Fault fault, std::string file, Severity severity) {
  Finding f;
  f.rule = fault.rule;
  f.severity = severity;
  f.file = std::move(file);
  f.record = std::move(fault.record);
  f.field = std::move(fault.field);
  f.seen = std::move(fault.seen);
  f.note = std::move(fault.note);
  f.place = {.line = fault.line, .byte = fault.byte, .ordinal = fault.ordinal};
  return f;
}

}  // namespace s1flow::codecs
