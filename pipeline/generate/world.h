#pragma once
// World: the parties, models and installations of a generated week, before any fault. An
// installation is a pure function of the seed and its number.

#include <map>
#include <string>
#include <vector>

#include "codecs/crypto/test_pki.h"
#include "pipeline/batch.h"
#include "pipeline/generate/draft.h"

namespace s1flow::pipeline {

class World {
 public:
  [[nodiscard]] static World make(std::uint64_t seed, Date monday, codecs::LayoutSet layouts,
                                  codecs::crypto::WithRsa rsa);

  // Number `index` of the week, flawless.
  [[nodiscard]] InstallationDraft draft(std::uint64_t index) const;

  Batch batch;          // as batch.toml will say it
  DraftWorld drafting;  // what faults may draw on
  codecs::crypto::TestPkiSpec pki;
  // Certificates of a party by use, filled once the pki folder is made.
  std::map<Eui64, std::map<codecs::crypto::CertificateUse, CertificateSerial>> certificates;

  // Takes the serial numbers from the folder that generate_test_pki made.
  Status read_certificates(const Path& folder);

  struct Model {
    std::string manufacturer, model, firmware;
  };
  // Models of an SMSO: hub, electricity meter, gas meter.
  [[nodiscard]] const std::array<Model, 3>& models(std::size_t smso) const { return models_[smso]; }
  static constexpr std::array<std::string_view, 2> kProviders{"CSPNorth", "CSPSouth"};

 private:
  void add_credentials(InstallationDraft& d, Random& random) const;
  std::uint64_t seed_ = 1;
  std::vector<std::array<Model, 3>> models_;
  std::vector<Eui64> electricity_operators_, gas_operators_;
};

}  // namespace s1flow::pipeline
