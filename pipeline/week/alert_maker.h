#pragma once
// AlertMaker: the DCC Alerts of one installation's commissioning (MTAD Table 5.2), each for the
// supplier that is responsible for the Device. One per worker.

#include <optional>
#include <string>
#include <vector>

#include "codecs/duis/alerts.h"
#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

class AlertMaker {
 public:
  // Null when the batch wants no alerts.
  [[nodiscard]] static Result<std::unique_ptr<AlertMaker>> make(const RunContext& run,
                                                                const Smso& smso);

  // Appends to outputs[party number of the supplier]; counts into made().
  [[nodiscard]] Status identity_confirmed(std::vector<std::string>& outputs,
                                          const InstallationRow& row, const DeviceRow& device,
                                          UtcTime at);  // N16
  [[nodiscard]] Status whitelist_updated(std::vector<std::string>& outputs,
                                         const InstallationRow& row, const DeviceRow& device,
                                         const codecs::duis::MessageId& request,
                                         UtcTime at);  // N24
  [[nodiscard]] Status credentials_updated(std::vector<std::string>& outputs,
                                           const InstallationRow& row, const DeviceRow& device,
                                           UtcTime at);  // N42
  [[nodiscard]] Status s1sp_alert(std::vector<std::string>& outputs, const InstallationRow& row,
                                  const DeviceRow& device, std::string_view code,
                                  UtcTime at);  // N55
  [[nodiscard]] std::uint64_t made() const { return made_; }

 private:
  AlertMaker(const RunContext& run, codecs::duis::AlertWriter writer,
             codecs::duis::OuterSignature signature)
      : run_(run), writer_(std::move(writer)), signature_(signature) {}
  [[nodiscard]] static const MeterRow& meter_of(const InstallationRow& row, DeviceType type);
  [[nodiscard]] std::string& output(std::vector<std::string>& outputs, const InstallationRow& row,
                                    DeviceType type);
  [[nodiscard]] codecs::duis::AlertHeader header(const InstallationRow& row,
                                                 const DeviceRow& device, UtcTime at);
  Status count(Status status, std::string& out);

  const RunContext& run_;
  codecs::duis::AlertWriter writer_;
  codecs::duis::OuterSignature signature_;
  std::uint64_t made_ = 0;
};

}  // namespace s1flow::pipeline
