#include "pipeline/exchange/header.h"

#include "codecs/files/exchange.h"

namespace s1flow::pipeline {

namespace ex = codecs::exchange;

ExchangeHeader ExchangeHeader::from(const codecs::Record& r) {
  ExchangeHeader h;
  const auto count = [&](std::size_t field) {
    return r[field].good() ? std::optional(codecs::as_count(r[field])) : std::nullopt;
  };
  const auto eui = [&](std::size_t field) {
    return r[field].good() ? std::optional(codecs::as_eui64(r[field])) : std::nullopt;
  };
  h.sender = eui(ex::sender);
  for (const codecs::GroupInstance& g : r.group(ex::recipient))
    if (g[ex::recipient_id].good()) h.recipients.push_back(codecs::as_eui64(g[ex::recipient_id]));
  h.counter = count(ex::counter);
  h.created = codecs::as_time(r[ex::created]);
  h.smso = r[ex::smso].good() ? std::string(r[ex::smso].text) : std::string();
  h.week = codecs::as_date(r[ex::migration_week]);
  h.day = codecs::as_date(r[ex::migrate_on]);
  h.group = codecs::as_group_id(r[ex::group_id]);
  h.mcf_sender = eui(ex::mcf_sender);
  h.mcf_counter = count(ex::mcf_counter);
  h.record_count = count(ex::record_count);
  return h;
}

void ExchangeHeader::fill(codecs::Record& r) const {
  if (sender) codecs::set(r[ex::sender], *sender);
  for (const Eui64 e : recipients) codecs::set(r.add(ex::recipient)[ex::recipient_id], e);
  if (counter) codecs::set_number(r[ex::counter], *counter);
  if (created) codecs::set(r[ex::created], *created);
  if (!smso.empty()) codecs::set_text(r[ex::smso], r.arena().copy(smso));
  if (week) codecs::set(r[ex::migration_week], *week);
  if (day) codecs::set(r[ex::migrate_on], *day);
  if (!group.empty()) codecs::set(r[ex::group_id], group);
  if (mcf_sender) codecs::set(r[ex::mcf_sender], *mcf_sender);
  if (mcf_counter) codecs::set_number(r[ex::mcf_counter], *mcf_counter);
  if (record_count) codecs::set_number(r[ex::record_count], *record_count);
}

}  // namespace s1flow::pipeline
