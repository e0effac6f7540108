#include "pipeline/week/epcl.h"

#include "core/text.h"
#include "pipeline/each_record.h"

namespace s1flow::pipeline {
namespace {

namespace epcl = codecs::epcl;

std::string key_of(std::string_view smso, std::string_view chf, std::string_view esme,
                   std::string_view gsme) {
  std::string key = to_upper(smso);
  for (const std::string_view part : {chf, esme, gsme}) (key += '\x1F') += part;
  return key;
}

bool fits(std::string_view listed, std::string_view actual) {
  return listed.empty() || listed == actual;
}

}  // namespace

Result<EpclList> EpclList::load(const Path& path,
                                const std::shared_ptr<const codecs::Layout>& layout,
                                const codecs::Limits& limits, std::vector<codecs::Fault>& faults) {
  EpclList list;
  const auto add = [&](const codecs::Record& r) -> Status {
    if (!r[epcl::entry].good() || !r[epcl::smso].good() || !r[epcl::chf_model].good() ||
        !r[epcl::applies_to].good())
      return {};
    const auto text = [&](std::size_t field) {
      return std::string(r[field].good() ? r[field].text : std::string_view());
    };
    list.entries_[key_of(r[epcl::smso].text, r[epcl::chf_model].text, text(epcl::esme_model),
                         text(epcl::gsme_model))]
        .push_back({.csp = text(epcl::csp),
                    .chf_manufacturer = text(epcl::chf_manufacturer),
                    .esme_manufacturer = text(epcl::esme_manufacturer),
                    .gsme_manufacturer = text(epcl::gsme_manufacturer),
                    .chf_firmware = text(epcl::chf_firmware),
                    .esme_firmware = text(epcl::esme_firmware),
                    .gsme_firmware = text(epcl::gsme_firmware),
                    .applies_to = *codecs::as_code<epcl::AppliesTo>(r[epcl::applies_to])});
    ++list.size_;
    return {};
  };
  S1FLOW_TRY_VOID(each_record(path, layout, limits, add, faults));
  return list;
}

EpclMatch EpclList::match(const Combination& c) const {
  const auto it = entries_.find(key_of(c.smso, c.chf.model, c.esme.model, c.gsme.model));
  if (it == entries_.end()) return EpclMatch::none;
  EpclMatch best = EpclMatch::none;
  for (const Entry& e : it->second) {
    if (!fits(e.csp, c.csp) || !fits(e.chf_manufacturer, c.chf.manufacturer) ||
        !fits(e.esme_manufacturer, c.esme.manufacturer) ||
        !fits(e.gsme_manufacturer, c.gsme.manufacturer) || !fits(e.chf_firmware, c.chf.firmware) ||
        !fits(e.esme_firmware, c.esme.firmware) || !fits(e.gsme_firmware, c.gsme.firmware))
      continue;
    const bool covers = e.applies_to == epcl::AppliesTo::either ||
                        (e.applies_to == epcl::AppliesTo::active && !c.any_dormant) ||
                        (e.applies_to == epcl::AppliesTo::dormant && !c.any_active);
    if (covers) return EpclMatch::match;
    best = EpclMatch::wrong_status;
  }
  return best;
}

}  // namespace s1flow::pipeline
