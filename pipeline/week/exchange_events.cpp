// Faults of the exchange that a script asks for: a made file is damaged, replayed, mis-signed or
// lost before its receivers see it. Each is named after the rule that it provokes.

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>

#include <fmt/format.h>

#include "codecs/crypto/xmlenc.h"
#include "codecs/files/mcf.h"
#include "codecs/files/mvf.h"
#include "core/random.h"
#include "core/text.h"
#include "pipeline/exchange/decryption.h"
#include "pipeline/exchange/surgeon.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;
namespace mcf = codecs::mcf;
namespace mvf = codecs::mvf;

// A file under the knife.
struct Patient {
  RunContext& run;
  const PlannedFile& planned;
  Surgeon surgeon;
  const ExchangeEvent* event = nullptr;
  bool sign_again = false;
  bool vanish = false;
  std::string name;
  Surgeon::RecordsById subjects;  // of the events on single records
};

using Operation = Status (*)(Patient&);

tl::unexpected<Error> cannot(const Patient& p, std::string_view why) {
  return tl::unexpected(
      usage_error(fmt::format("{}:{}: '{}' cannot be done to {}: {}", p.run.batch.script.string(),
                              p.event->line, p.event->fault, p.planned.name, why)));
}

// ---- the container

Status cut_short(Patient& p) {
  p.surgeon.cut_after = p.surgeon.bytes() * 2 / 3;
  return {};
}
Status add_doctype(Patient& p) {
  p.surgeon.doctype = "<!DOCTYPE s1flow>\n";
  return {};
}
template <typename Change>
Status change_first(Patient& p, Change change) {
  if (p.surgeon.records() == 0) return cannot(p, "it has no record");
  std::string record = p.surgeon.first().text;
  change(record);
  p.surgeon.replace(0, std::move(record));
  return {};
}
Status break_encoding(Patient& p) {
  return change_first(p, [](std::string& record) { record[record.rfind("</") - 1] = '\xFF'; });
}
Status nest_deeply(Patient& p) {
  return change_first(p, [](std::string& record) {
    for (int i = 0; i < 100; ++i) record += "<a>";
    for (int i = 0; i < 100; ++i) record += "</a>";
  });
}
Status break_schema(Patient& p) {
  if (p.surgeon.records() == 0) return cannot(p, "it has no record");
  RecordText record = p.surgeon.last();
  record.text.insert(record.text.rfind("</"), "<unexpected></unexpected>");
  p.surgeon.replace(record.index, std::move(record.text));
  p.sign_again = true;
  return {};
}

// ---- the signature

Status drop_signature(Patient& p) {
  p.surgeon.signature.clear();
  return {};
}
Status double_signature(Patient& p) {
  p.surgeon.signature += p.surgeon.signature;
  return {};
}
Status other_algorithm(Patient& p) {
  constexpr std::string_view kGood = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
  const std::size_t at = p.surgeon.signature.find(kGood);
  if (at == std::string::npos) return cannot(p, "it is not signed");
  p.surgeon.signature.replace(at, kGood.size(),
                              "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256");
  return {};
}
Status change_value(Patient& p) {
  const std::size_t at = p.surgeon.signature.find("SignatureValue>");
  if (at == std::string::npos) return cannot(p, "it is not signed");
  char& c = p.surgeon.signature[at + std::string_view("SignatureValue>").size() + 3];
  c = c == 'A' ? 'B' : 'A';
  return {};
}
Status change_content(Patient& p) {
  if (p.surgeon.records() == 0) return cannot(p, "it has no record");
  // The last letter or digit of the first record's texts.
  std::string record = p.surgeon.first().text;
  std::size_t at = record.size();
  bool in_tag = true;
  while (at-- > 0) {
    if (record[at] == '>')
      in_tag = true;
    else if (record[at] == '<')
      in_tag = false;
    else if (!in_tag && (is_digit(record[at]) || is_upper(record[at])))
      break;
  }
  if (at == std::string::npos) {
    // A record of attributes only: the last digit or letter of an attribute value.
    at = record.rfind('"');
    if (at == std::string::npos || at == 0) return cannot(p, "its first record has no text");
    --at;
  }
  record[at] = record[at] == '1' ? '2' : '1';
  p.surgeon.replace(0, std::move(record));
  return {};
}

// The signer is whom KeyInfo names; other names there are another signer.
Status put_into_signature(Patient& p, std::string_view tag, std::string_view text) {
  const std::size_t at = p.surgeon.signature.find(tag);
  if (at == std::string::npos) return cannot(p, "it is not signed");
  const std::size_t begin = at + tag.size();
  p.surgeon.signature.replace(begin, p.surgeon.signature.find('<', begin) - begin, text);
  return {};
}
Status name_signer(Patient& p, const std::string& serial) {
  return put_into_signature(p, "X509SerialNumber>", serial);
}
template <typename Wanted>
Status name_signer_like(Patient& p, std::string_view what, Wanted wanted) {
  for (const crypto::PkiEntry& e : p.run.pki.entries())
    if (!e.certificate.empty() && wanted(e)) {
      S1FLOW_TRY_VOID(put_into_signature(p, "X509IssuerName>", e.certificate.issuer().text()));
      return name_signer(p, e.certificate.serial().decimal());
    }
  return cannot(p, fmt::format("the pki folder has no {} certificate", what));
}
Status signer_of_status(Patient& p, std::string_view what, crypto::CertificateStatus status) {
  return name_signer_like(p, what, [&](const crypto::PkiEntry& e) {
    return e.chain().trusted && e.status_at(p.run.batch.clock) == status;
  });
}
bool usable(const Patient& p, const crypto::PkiEntry& e) {
  return e.status_at(p.run.batch.clock) == crypto::CertificateStatus::ok;
}

Status unknown_signer(Patient& p) {
  return name_signer(p, "99999999999999999999999999999999999");
}
Status untrusted_signer(Patient& p) {
  return name_signer_like(p, "untrusted",
                          [](const crypto::PkiEntry& e) { return !e.chain().trusted; });
}
Status expired_signer(Patient& p) {
  return signer_of_status(p, "expired", crypto::CertificateStatus::expired);
}
Status revoked_signer(Patient& p) {
  return signer_of_status(p, "revoked", crypto::CertificateStatus::revoked);
}
Status signer_of_stale_list(Patient& p) {
  return signer_of_status(p, "not currently listed", crypto::CertificateStatus::revocation_unknown);
}
Status wrong_usage(Patient& p) {
  return name_signer_like(p, "key-agreement", [&](const crypto::PkiEntry& e) {
    return e.use == crypto::CertificateUse::key_agreement && usable(p, e);
  });
}
Status wrong_role(Patient& p) {
  const auto role = crypto::parse_party_role(p.run.layout(p.planned.type)->signer);
  return name_signer_like(p, "other file-signing", [&](const crypto::PkiEntry& e) {
    return e.use == crypto::CertificateUse::file_signing && e.role != role && usable(p, e);
  });
}
Status wrong_party(Patient& p) {
  const auto role = crypto::parse_party_role(p.run.layout(p.planned.type)->signer);
  return name_signer_like(p, "second file-signing", [&](const crypto::PkiEntry& e) {
    return e.use == crypto::CertificateUse::file_signing && e.role == role &&
           e.eui != *p.planned.header.sender && usable(p, e);
  });
}

// ---- the header

Status other_recipient(Patient& p) {
  p.surgeon.header.recipients = {Eui64(0x00DBDEADBEEF0000ULL)};
  p.sign_again = true;
  return {};
}
std::string name_by_header(const Patient& p) {
  const codecs::Layout& layout = *p.run.layout(p.planned.type);
  Arena arena;
  codecs::Record record(layout.type->header, arena);
  p.surgeon.header.fill(record);
  return layout.file_name.make(record);
}
Status old_counter(Patient& p) {
  const std::uint64_t last = p.run.batch.last_counter(*p.planned.header.sender);
  if (last == 0) return cannot(p, "batch.toml has no counter of its sender");
  p.surgeon.header.counter = last;
  p.name = name_by_header(p);
  p.sign_again = true;
  return {};
}
Status other_mcf(Patient& p) {
  if (!p.surgeon.header.mcf_counter) return cannot(p, "it refers to no MCF");
  *p.surgeon.header.mcf_counter += 1000;
  p.sign_again = true;
  return {};
}
Status wrong_count(Patient& p) {
  ++p.surgeon.trailer_count;
  if (p.surgeon.header.record_count) ++*p.surgeon.header.record_count;
  p.sign_again = true;
  return {};
}
Status other_week(Patient& p) {
  for (auto* date : {&p.surgeon.header.week, &p.surgeon.header.day})
    if (*date) *date = (*date)->plus_days(-7);
  p.sign_again = true;
  return {};
}
Status other_group(Patient& p) {
  p.surgeon.header.group = *GroupId::parse("ZZ");
  p.name = name_by_header(p);
  p.sign_again = true;
  return {};
}
Status older_than_mcf(Patient& p) {
  if (p.surgeon.header.created)
    p.surgeon.header.created = p.surgeon.header.created->plus(-std::chrono::hours(24 * 3));
  p.sign_again = true;
  return {};
}
Status other_name(Patient& p) {
  p.name = "renamed-" + p.planned.name;
  return {};
}
Status vanish(Patient& p) {
  p.vanish = true;
  return {};
}

// ---- encryption

// Fresh keys, wrapped for somebody who will not read the file.
Status other_keys(Patient& p) {
  const crypto::PkiEntry* stranger = nullptr;
  const Smso& smso = p.run.batch.smsos[p.planned.smso];
  for (const crypto::PkiEntry& e : p.run.pki.entries())
    if (e.use == crypto::CertificateUse::key_agreement && e.eui != smso.s1sp && e.eui != smso.dco &&
        usable(p, e) &&
        (e.role == crypto::PartyRole::s1sp || e.role == crypto::PartyRole::dco ||
         e.role == crypto::PartyRole::supplier)) {
      stranger = &e;
      break;
    }
  if (stranger == nullptr)
    return cannot(p, "the pki folder has no other key-agreement certificate");
  p.surgeon.keys.clear();
  for (const codecs::EncryptedShare& share : p.run.layout("mef")->shares) {
    S1FLOW_TRY(const crypto::ContentKey key, crypto::ContentKey::generate());
    crypto::EncryptedKeySpec spec;
    spec.id = "key-" + share.name;
    spec.originator = smso.requesting_party;
    spec.certificate = stranger->certificate;
    S1FLOW_TRY_VOID(crypto::append_encrypted_key(p.surgeon.keys, key, spec));
  }
  p.sign_again = true;
  return {};
}

// The S1SP's share of every record, readable.
Status decrypt_in_place(Patient& p) {
  const Smso& smso = p.run.batch.smsos[p.planned.smso];
  std::vector<crypto::KeyHolder> holders;
  for (const auto use :
       {crypto::CertificateUse::key_agreement, crypto::CertificateUse::key_encipherment}) {
    const auto answer =
        p.run.pki.find_with_key(crypto::PartyRole::s1sp, smso.s1sp, use, p.run.batch.clock);
    if (answer.status == crypto::CertificateStatus::ok)
      holders.push_back(
          {.certificate = answer.entry->certificate, .key = answer.entry->key(), .key_name = {}});
  }
  const std::shared_ptr<const FileKeys> keys =
      FileKeys::open(p.surgeon.head_elements(), holders, smso.requesting_party,
                     p.run.layout("mef")->key_transports);
  if (keys->outcome() != crypto::KeyOpening::ok)
    return cannot(p, "the pki folder has no key of the S1SP");
  S1FLOW_TRY(std::unique_ptr<ShareOpener> made, ShareOpener::make(*keys));
  const std::shared_ptr<ShareOpener> opener = std::move(made);
  p.surgeon.rewrite = [&surgeon = p.surgeon, keys,
                       opener](const RecordText& record) -> Result<std::string> {
    Arena arena;
    ParsedRecord parsed;
    S1FLOW_TRY_VOID(surgeon.parse(record.text, arena, parsed));
    std::vector<std::uint64_t> unopened;
    const auto opened = opener->open(parsed.chunk, parsed.result.captured, unopened);
    return std::string(opened->view().substr(1));  // without the line feed before it
  };
  p.sign_again = true;
  return {};
}

// ---- records

Result<RecordText> subject(Patient& p) {
  const auto it = p.subjects.find(p.event->installation);
  if (it == p.subjects.end())
    return cannot(p, fmt::format("it has no installation '{}'", p.event->installation));
  return it->second;
}

Status duplicate_record(Patient& p) {
  S1FLOW_TRY(RecordText record, subject(p));
  p.surgeon.append(std::move(record.text));
  p.sign_again = true;
  return {};
}
Status remove_record(Patient& p) {
  S1FLOW_TRY(const RecordText record, subject(p));
  p.surgeon.erase(record.index);
  p.sign_again = true;
  return {};
}
// A copy under an id that nobody knows.
Status add_stranger(Patient& p) {
  S1FLOW_TRY(RecordText record, subject(p));
  const std::string& id = p.event->installation;
  record.text.replace(record.text.find(id), id.size(), id + "-X");
  if (p.planned.type == "mcf") {
    S1FLOW_TRY(record.text, p.surgeon.changed(record.text, [&](codecs::Record& r) {
      std::uint64_t n = hash64(id);
      for (const codecs::GroupInstance& d : r.group(mcf::device))
        codecs::set(const_cast<codecs::GroupInstance&>(d)[mcf::id],
                    Eui64(0x00DB000000000000ULL | (mix64(++n) & 0xFFFFFFFFFFULL)));
    }));
  }
  p.surgeon.append(std::move(record.text));
  p.sign_again = true;
  return {};
}
template <typename Change>
Status change_subject(Patient& p, Change change) {
  S1FLOW_TRY(const RecordText record, subject(p));
  S1FLOW_TRY(std::string text, p.surgeon.changed(record.text, change));
  p.subjects[p.event->installation].text = text;
  p.surgeon.replace(record.index, std::move(text));
  p.sign_again = true;
  return {};
}
// The meter of the installation, electricity first.
codecs::GroupInstance* meter_of(codecs::Record& r) {
  for (const DeviceType wanted : {DeviceType::esme, DeviceType::gsme})
    for (const codecs::GroupInstance& d : r.group(mcf::device))
      if (codecs::as_code<DeviceType>(d[mcf::type]) == wanted)
        return &const_cast<codecs::GroupInstance&>(d);
  return nullptr;
}
Status other_supplier(Patient& p) {
  return change_subject(p, [](codecs::Record& r) {
    if (auto* m = meter_of(r)) codecs::set((*m)[mcf::supplier], Eui64(0x00DBDEADBEEF0001ULL));
  });
}
Status other_operator(Patient& p) {
  return change_subject(p, [](codecs::Record& r) {
    if (auto* m = meter_of(r))
      codecs::set((*m)[mcf::network_operator], Eui64(0x00DBDEADBEEF0002ULL));
  });
}
Status other_certificate(Patient& p) {
  return change_subject(p, [](codecs::Record& r) {
    codecs::GroupInstance* meter = meter_of(r);
    if (meter == nullptr) return;
    const CertificateSerial foreign(0, 424242);
    for (const codecs::GroupInstance& c : r.group(mcf::supplier_certificate)) {
      if (c.parent != meter) continue;
      codecs::set(const_cast<codecs::GroupInstance&>(c)[mcf::serial], foreign);
      return;
    }
    codecs::GroupInstance& c = r.add(mcf::supplier_certificate, meter);
    codecs::set_code(c[mcf::use], codecs::CertificateUse::digital_signing);
    codecs::set(c[mcf::serial], foreign);
  });
}
Status other_group_id(Patient& p) {
  return change_subject(
      p, [](codecs::Record& r) { codecs::set(r[mcf::group_id], *GroupId::parse("ZZ")); });
}
Status other_model(Patient& p) {
  return change_subject(p, [](codecs::Record& r) {
    for (const codecs::GroupInstance& d : r.group(mcf::device))
      if (codecs::as_code<DeviceType>(d[mcf::type]) == DeviceType::chf)
        codecs::set_text(const_cast<codecs::GroupInstance&>(d)[mcf::model], "UNLISTED");
  });
}
// The gas proxy becomes a display, so the gas meter has none.
Status drop_device(Patient& p) {
  return change_subject(p, [](codecs::Record& r) {
    for (const codecs::GroupInstance& d : r.group(mcf::device))
      if (codecs::as_code<DeviceType>(d[mcf::type]) == DeviceType::gpf)
        codecs::set_code(const_cast<codecs::GroupInstance&>(d)[mcf::type], DeviceType::ihd);
  });
}
Status reject_in_mvf(Patient& p) {
  return change_subject(
      p, [](codecs::Record& r) { codecs::set_code(r[mvf::result], mvf::Result::rejected); });
}
Status damage_share(Patient& p) {
  S1FLOW_TRY(RecordText record, subject(p));
  const std::size_t at = record.text.find("CipherValue>");
  if (at == std::string::npos) return cannot(p, "the record has no encrypted share");
  char& c = record.text[at + std::string_view("CipherValue>").size() + 24];
  c = c == 'A' ? 'B' : 'A';
  p.surgeon.replace(record.index, std::move(record.text));
  p.sign_again = true;
  return {};
}

struct OperationEntry {
  const Rule* rule;
  Operation operation;
};

Operation find_operation(std::string_view fault) {
  static const OperationEntry kOperations[] = {
      {&codecs::kXmlNotWellFormed, &cut_short},
      {&codecs::kXmlDoctype, &add_doctype},
      {&codecs::kXmlEncoding, &break_encoding},
      {&codecs::kXmlLimit, &nest_deeply},
      {&codecs::kXmlSchema, &break_schema},
      {&rules::file_name.rule, &other_name},
      {&rules::file_missing.rule, &vanish},
      {&rules::file_signature_missing.rule, &drop_signature},
      {&rules::file_signature_shape.rule, &double_signature},
      {&rules::file_signature_algorithm.rule, &other_algorithm},
      {&rules::file_signature_invalid.rule, &change_value},
      {&rules::file_digest_mismatch.rule, &change_content},
      {&rules::file_signer_unknown.rule, &unknown_signer},
      {&rules::file_signer_not_trusted.rule, &untrusted_signer},
      {&rules::file_signer_expired.rule, &expired_signer},
      {&rules::file_signer_revoked.rule, &revoked_signer},
      {&rules::file_signer_revocation_unknown.rule, &signer_of_stale_list},
      {&rules::file_signer_usage.rule, &wrong_usage},
      {&rules::file_signer_role.rule, &wrong_role},
      {&rules::file_signer_party.rule, &wrong_party},
      {&rules::file_recipient.rule, &other_recipient},
      {&rules::file_counter.rule, &old_counter},
      {&rules::file_reference.rule, &other_mcf},
      {&rules::file_count.rule, &wrong_count},
      {&rules::file_week.rule, &other_week},
      {&rules::file_group.rule, &other_group},
      {&rules::file_arrival_order.rule, &older_than_mcf},
      {&rules::file_not_for_this_key.rule, &other_keys},
      {&rules::file_not_encrypted.rule, &decrypt_in_place},
      {&rules::record_duplicate.rule, &duplicate_record},
      {&rules::record_missing.rule, &remove_record},
      {&rules::record_unknown.rule, &add_stranger},
      {&rules::mcf_not_authorised.rule, &add_stranger},
      {&rules::mcf_supplier_differs.rule, &other_supplier},
      {&rules::mcf_operator_differs.rule, &other_operator},
      {&rules::mcf_certificate_differs.rule, &other_certificate},
      {&rules::mcf_group_unknown.rule, &other_group_id},
      {&rules::mcf_epcl_no_match.rule, &other_model},
      {&rules::mcf_combination.rule, &drop_device},
      {&rules::mvf_disagrees.rule, &reject_in_mvf},
      {&rules::mef_cannot_open.rule, &damage_share},
  };
  for (const OperationEntry& e : kOperations)
    if (e.rule->id == fault) return e.operation;
  return nullptr;
}

bool concerns(const RunContext& run, const ExchangeEvent& e, const PlannedFile& f) {
  return e.file == f.type && f.supplier.empty() &&
         (e.smso.empty() || equals_ignoring_case(e.smso, run.batch.smsos[f.smso].tag)) &&
         (!e.day || e.day == f.header.day) && (e.group.empty() || e.group == f.header.group);
}

}  // namespace

namespace {

// Events that are done in one go: those on single records together, one on the file alone.
using Operations = std::span<const ExchangeEvent* const>;

Status operate(RunContext& run, const PlannedFile& planned, WrittenFile& file, Operations events) {
  const auto& layout = run.layout(planned.type);
  Surgeon::Ids ids;
  for (const ExchangeEvent* e : events)
    if (!e->installation.empty()) ids.insert(e->installation);
  S1FLOW_TRY(Surgeon surgeon,
             Surgeon::open(file.path, layout, ids, [&run] { return run.go_on(); }));
  Patient patient{.run = run,
                  .planned = planned,
                  .surgeon = std::move(surgeon),
                  .name = file.path.filename().string(),
                  .subjects = {}};
  patient.subjects = patient.surgeon.found();
  for (const ExchangeEvent* e : events) {
    const Operation operation = find_operation(e->fault);
    if (operation == nullptr)
      return tl::unexpected(
          usage_error(fmt::format("{}:{}: no file can be given the fault '{}'; 's1flow list rules' "
                                  "shows which rules are of files",
                                  run.batch.script.string(), e->line, e->fault)));
    patient.event = e;
    S1FLOW_TRY_VOID(operation(patient));
  }
  const Path before = file.path;
  std::error_code code;
  std::optional<crypto::SignatureMaker> maker;
  if (patient.sign_again) {
    S1FLOW_TRY(maker, run.signer(*layout, *planned.header.sender));
  }
  if (patient.vanish) {
    file.path.clear();
  } else {
    file.path = before.parent_path() / patient.name;
    S1FLOW_TRY(const WrittenFile written,
               patient.surgeon.write(file.path, maker ? &*maker : nullptr));
    file.sha256 = written.sha256;
    file.bytes = written.bytes;
    if (file.path == before) return {};
  }
  if (!std::filesystem::remove(before, code) && code)
    return tl::unexpected(
        Error(ErrorKind::io, before.string() + ": cannot be removed: " + code.message()));
  return {};
}

}  // namespace

Status apply_exchange_events(RunContext& run, const PlannedFile& planned, WrittenFile& file) {
  std::vector<const ExchangeEvent*> events;
  for (const ExchangeEvent& e : run.behaviour.exchange_events())
    if (concerns(run, e, planned)) events.push_back(&e);
  const auto on_record = [](const ExchangeEvent* e) { return !e->installation.empty(); };
  for (std::size_t i = 0; i < events.size() && !file.path.empty();) {
    std::size_t end = i + 1;
    if (on_record(events[i]))
      while (end < events.size() && on_record(events[end])) ++end;
    S1FLOW_TRY_VOID(operate(run, planned, file, Operations(events).subspan(i, end - i)));
    i = end;
  }
  return {};
}

}  // namespace s1flow::pipeline
