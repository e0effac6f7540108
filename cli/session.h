#pragma once
// What commands on single files share: their options (layouts, certificates, the clock, a batch
// that gives them all), what these load, and how findings are shown.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/io.h"
#include "codecs/crypto/key_sources.h"
#include "codecs/crypto/pki.h"
#include "codecs/crypto/secret.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/layout/layout.h"
#include "codecs/rules.h"
#include "core/finding.h"
#include "pipeline/batch.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/single/check.h"
#include "pipeline/single/recognise.h"

namespace s1flow::cli {

// Which options a command offers, as bits.
enum Wants : unsigned {
  wants_layouts = 1,   // --layouts, --type
  wants_pki = 2,       // --pki, --at, --passphrase, --revocation
  wants_batch = 4,     // --batch
  wants_severity = 8,  // --severity
};

class Session {
 public:
  void add_options(CLI::App& app, unsigned wants);
  // Reads what the options name. `required`: a missing --pki and --batch is a usage error.
  enum class PkiNeed { optional, required };
  [[nodiscard]] Status load(const Console& console, PkiNeed need = PkiNeed::optional);
  // A usage error without certificates.
  [[nodiscard]] Status require_pki() const;

  [[nodiscard]] const codecs::LayoutSet& layouts() const { return *layouts_; }
  // Null without --pki and --batch.
  [[nodiscard]] const codecs::crypto::Pki* pki() const { return pki_ ? &*pki_ : nullptr; }
  [[nodiscard]] const std::string& pki_name() const { return pki_folder_; }
  // What --passphrase names; nothing without it. Set by load().
  [[nodiscard]] std::optional<std::string_view> passphrase() const;
  [[nodiscard]] UtcTime clock() const { return clock_; }
  [[nodiscard]] const pipeline::RuleSet& rules() const { return rules_; }
  [[nodiscard]] codecs::Limits limits() const { return batch_ ? batch_->limits : codecs::Limits(); }

  // The layout named by --type, or the one that recognises the file. Unknown files are a usage
  // error that says what was found.
  [[nodiscard]] Result<std::shared_ptr<const codecs::Layout>> layout_of(const Input& input) const;
  [[nodiscard]] bool type_given() const { return !type_.empty(); }
  // For check_file; keys of S1SP and DCO in the pki folder among it when `keys` is set.
  enum class Keys { none, all };
  // What a file of the layout may need.
  [[nodiscard]] static Keys keys_for(const codecs::Layout& layout) {
    return layout.shares.empty() ? Keys::none : Keys::all;
  }
  [[nodiscard]] pipeline::SingleFileContext context(const Console& console, const Input& input,
                                                    Keys keys) const;
  // Compiled once for all files of the layout. From any thread.
  [[nodiscard]] Result<std::shared_ptr<const codecs::XmlSchema>> schema_of(
      const codecs::Layout& layout) const;

 private:
  Status load_pki(const Console& console, PkiNeed need);

  std::string layouts_folder_, type_, pki_folder_, batch_folder_, at_, passphrase_from_,
      revocation_;
  std::vector<std::string> severities_;
  std::optional<codecs::LayoutSet> layouts_;
  std::optional<codecs::crypto::Pki> pki_;
  std::optional<codecs::crypto::Secret> passphrase_;
  std::optional<pipeline::Batch> batch_;
  pipeline::RuleSet rules_;
  UtcTime clock_;
  mutable std::mutex schemas_mutex_;
  mutable std::map<std::string, std::shared_ptr<const codecs::XmlSchema>, std::less<>> schemas_;
};

// "s1sp" or "s1sp:90-B3-…" as given to --as and --to.
struct PartyName {
  codecs::crypto::PartyRole role{};
  std::optional<Eui64> eui;
};
[[nodiscard]] std::optional<PartyName> parse_party(std::string_view text);
// For CLI11's check(): empty when it is one.
[[nodiscard]] std::string check_party(const std::string& text);
[[nodiscard]] std::string check_time(const std::string& text);
[[nodiscard]] std::string check_severity(const std::string& text);
[[nodiscard]] std::optional<UtcTime> parse_time(std::string_view text);

// The key and certificate of --key and --cert: PEM files, a PKCS#12 file that holds both, or a
// pkcs11: URI in the place of the key.
[[nodiscard]] Result<codecs::crypto::KeyAndCertificate> read_own_key(
    const std::string& key, const std::string& certificate,
    std::optional<std::string_view> passphrase);

// The entry of the party for one of these uses, in this order. Without an EUI-64, `fallback` is
// taken, and without that the only party of the role; with several to choose from, the error names
// them.
[[nodiscard]] Result<const codecs::crypto::PkiEntry*> find_entry(
    const codecs::crypto::Pki& pki, const std::string& pki_name, const PartyName& party,
    const std::vector<codecs::crypto::CertificateUse>& uses, std::optional<Eui64> fallback,
    UtcTime clock, bool with_key);

// ---- findings

// One line of "file:line: severity: rule: text", with its newline.
[[nodiscard]] std::string finding_line(const std::string& file, const Finding& finding);
// Shows findings of one file on stdout.
void show_findings(const Console& console, OutputFormat format, const std::string& file,
                   const std::vector<Finding>& findings);
// Faults of a container as findings of severity error.
[[nodiscard]] std::vector<Finding> findings_of(std::vector<codecs::Fault> faults,
                                               const std::string& file);

[[nodiscard]] OutputFormat parse_format(std::string_view name);
// "1 row", "2 rows".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view word);

}  // namespace s1flow::cli
