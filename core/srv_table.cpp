#include "core/srv_table.h"

#include <array>

namespace s1flow {
namespace {

using namespace std::chrono_literals;

constexpr bool kCritical = true;
constexpr bool kPlain = false;

constexpr Modes kOd = Mode::on_demand;
constexpr Modes kFdDsp = Mode::future_dated_dsp;
constexpr Modes kFdDevice = Mode::future_dated_device;
constexpr Modes kSch = Mode::dcc_scheduled;
constexpr Modes kNd = Mode::non_device;

constexpr UserRoles kIs = UserRole::import_supplier;
constexpr UserRoles kGs = UserRole::gas_supplier;
constexpr UserRoles kEs = UserRole::export_supplier;
constexpr UserRoles kRsa = UserRole::registered_supplier_agent;
constexpr UserRoles kEd = UserRole::electricity_distributor;
constexpr UserRoles kGt = UserRole::gas_transporter;
constexpr UserRoles kOu = UserRole::other_user;
constexpr UserRoles kNotKnown{};

// Columns as in ServiceReferenceVariant; a target response time is left out where none is known.
// One row is two lines.
// clang-format off
constexpr std::array<ServiceReferenceVariant, kServiceReferenceVariants> kTable{{
    {"1.1.1", "1.1", "Update Import Tariff (primary)", "UpdateImportTariffPrimaryElement",
     kCritical, kOd | kFdDevice, kIs | kGs, {4, 7}, {3391, 9231}, {1884, 1940}},
    {"1.1.2", "1.1", "Update Import Tariff (secondary)", "UpdateImportTariffSecondaryElement",
     kCritical, kOd | kFdDevice, kIs, {4, 7}, {5471, 5539}, {1832, 1832}},
    {"1.2.1", "1.2", "Update Price (primary)", "UpdatePricePrimaryElement",
     kCritical, kOd | kFdDevice, kIs | kGs, {4, 7}, {1831, 2105}, {1816, 1820}},
    {"1.2.2", "1.2", "Update Price (secondary)", "UpdatePriceSecondaryElement",
     kCritical, kOd | kFdDevice, kIs, {4, 7}, {1829, 1897}, {1808, 1808}},
    {"1.5", "1.5", "Update Meter Balance", "UpdateMeterBalance",
     kCritical, kOd, kIs | kGs, {4, 7}, {1509, 1548}, {1788, 1796}},
    {"1.6", "1.6", "Update Payment Mode", "UpdatePaymentMode",
     kCritical, kOd | kFdDevice, kIs | kGs, {4, 7}, {1465, 1718}, {1808, 1820}},
    {"1.7", "1.7", "Reset Tariff Block Counter Matrix", "ResetTariffBlockCounterMatrix",
     kCritical, kOd, kIs, {4, 7}, {1443, 1443}, {1788, 1788}},
    {"2.1", "2.1", "Update Prepay Configuration", "UpdatePrepayConfiguration",
     kCritical, kOd | kFdDevice, kIs | kGs, {4, 7}, {7117, 14755}, {1872, 1952}},
    {"2.2", "2.2", "Top Up Device", "TopUpDevice",
     kPlain, kOd, kIs | kGs, {1, 3}, {1487, 1487}, {1752, 1764}},
    {"2.3", "2.3", "Update Debt", "UpdateDebt",
     kCritical, kOd, kIs | kGs, {4, 7}, {1959, 2081}, {1816, 1824}},
    {"2.5", "2.5", "Activate Emergency Credit", "ActivateEmergencyCredit",
     kCritical, kOd, kIs | kGs, {4, 7}, {1437, 1437}, {1788, 1792}},
    {"3.1", "3.1", "Display Message", "DisplayMessage",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1493, 1493}, {1736, 1740}},
    {"3.2", "3.2", "Restrict Access For Change Of Tenancy", "RestrictAccessForChangeOfTenancy",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1555, 1555}, {1736, 1740}},
    {"3.3", "3.3", "Clear Event Log", "ClearEventLog",
     kPlain, kOd, kIs | kGs, {1, 3}, {1427, 1492}, {1736, 1736}},
    {"3.4", "3.4", "Update Supplier Name", "UpdateSupplierName",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1564, 1564}, {1740, 1740}},
    {"3.5", "3.5", "Disable Privacy PIN", "DisablePrivacyPIN",
     kPlain, kOd, kIs | kGs, {1, 3}, {1431, 1431}, {1736, 1740}},
    {"4.1.1", "4.1", "Read Instantaneous Import Registers", "ReadInstantaneousImportRegisters",
     kPlain, kOd | kFdDsp, kIs | kGs | kEd | kGt, {1, 3}, {1448, 1553}, {1752, 1892}, 16s, 30s},
    {"4.1.2", "4.1", "Read Instantaneous Import TOU Matrices", "ReadInstantaneousImportTOUMatrices",
     kPlain, kOd | kFdDsp, kIs | kGs | kEd | kGt, {1, 3}, {1450, 1450}, {1752, 2216}},
    {"4.1.3", "4.1", "Read Instantaneous Import TOU With Blocks Matrices", "ReadInstantaneousImportTOUWithBlocksMatrices",
     kPlain, kOd | kFdDsp, kIs | kEd, {1, 3}, {1460, 1460}, {1752, 2292}},
    {"4.1.4", "4.1", "Read Instantaneous Import Block Counters", "ReadInstantaneousImportBlockCounters",
     kPlain, kOd | kFdDsp, kGs, {1, 3}, {1452, 1452}, {1856, 1860}},
    {"4.2", "4.2", "Read Instantaneous Export Registers", "ReadInstantaneousExportRegisters",
     kPlain, kOd | kFdDsp | kSch, kEs | kEd, {1, 3}, {1446, 1446}, {1776, 1788}},
    {"4.3", "4.3", "Read Instantaneous Prepay Values", "ReadInstantaneousPrepayValues",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1443, 1443}, {1752, 1896}},
    {"4.4.2", "4.4", "Retrieve Change Of Mode / Tariff Triggered Billing Data Log", "RetrieveCoMOrTariffTriggeredBillingDataLog",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1658, 1658}, {1736, 3384}},
    {"4.4.3", "4.4", "Retrieve Billing Calendar Triggered Billing Data Log", "RetrieveBillingCalendarTriggeredBillingDataLog",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1666, 1666}, {1736, 2904}, 16s, 30s},
    {"4.4.4", "4.4", "Retrieve Billing Data Log (Payment Based Debt Payments)", "RetrieveBillingDataLogDebtPayments",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1642, 1642}, {1736, 1964}},
    {"4.4.5", "4.4", "Retrieve Billing Data Log (Prepayment Credits)", "RetrieveBillingDataLogPrepaymentCredits",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1652, 1652}, {1736, 1936}},
    {"4.6.1", "4.6", "Retrieve Import Daily Read Log", "RetrieveImportDailyReadLog",
     kPlain, kOd | kFdDsp | kSch, kIs | kGs, {1, 3}, {1626, 1626}, {1736, 3280}, 16s, 30s},
    {"4.6.2", "4.6", "Retrieve Export Daily Read Log", "RetrieveExportDailyReadLog",
     kPlain, kOd | kFdDsp | kSch, kEs, {1, 3}, {1626, 1626}, {1760, 2104}},
    {"4.8.1", "4.8", "Read Active Import Profile Data", "ReadActiveImportProfileData",
     kPlain, kOd | kFdDsp | kSch, kIs | kGs | kEd | kGt | kOu, {1, 3}, {1628, 1628}, {1736, 2640}, 16s, 5600s},
    {"4.8.2", "4.8", "Read Reactive Import Profile Data", "ReadReactiveImportProfileData",
     kPlain, kOd | kFdDsp | kSch, kIs | kEd | kOu, {1, 3}, {1632, 1632}, {1736, 2276}},
    {"4.8.3", "4.8", "Read Export Profile Data", "ReadExportProfileData",
     kPlain, kOd | kFdDsp | kSch, kEs | kEd | kOu, {1, 3}, {1616, 1616}, {1736, 2536}},
    {"4.10", "4.10", "Read Network Data", "ReadNetworkData",
     kPlain, kOd | kFdDsp | kSch, kIs | kGs | kEd | kGt, {1, 3}, {1604, 1604}, {1740, 3512}},
    {"4.11.1", "4.11", "Read Tariff (primary)", "ReadTariffPrimaryElement",
     kPlain, kOd, kIs | kGs | kOu, {1, 3}, {1442, 1442}, {1980, 3108}},
    {"4.11.2", "4.11", "Read Tariff (secondary)", "ReadTariffSecondaryElement",
     kPlain, kOd, kIs | kOu, {1, 3}, {1444, 1444}, {2052, 2340}},
    {"4.12.1", "4.12", "Read Maximum Demand Import Registers", "ReadMaximumDemandImportRegisters",
     kPlain, kOd | kFdDsp | kSch, kIs | kEd, {1, 3}, {1450, 1450}, {1864, 2008}},
    {"4.12.2", "4.12", "Read Maximum Demand Export Registers", "ReadMaximumDemandExportRegisters",
     kPlain, kOd | kFdDsp | kSch, kEs | kEd, {1, 3}, {1450, 1450}, {1788, 1812}},
    {"4.13", "4.13", "Read Prepayment Configuration", "ReadPrepaymentConfiguration",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1443, 1443}, {1928, 2908}},
    {"4.14", "4.14", "Read Prepayment Daily Read Log", "ReadPrepaymentDailyReadLog",
     kPlain, kOd | kFdDsp | kSch, kIs | kGs, {1, 3}, {1626, 2235}, {1736, 2332}},
    {"4.15", "4.15", "Read Load Limit Data", "ReadLoadLimitData",
     kPlain, kOd | kFdDsp | kSch, kIs | kEd, {1, 3}, {1433, 1433}, {1776, 1788}},
    {"4.16", "4.16", "Read Active Power Import", "ReadActivePowerImport",
     kPlain, kOd | kSch, kIs | kEd, {1, 3}, {1437, 1437}, {1752, 1776}},
    {"4.17", "4.17", "Retrieve Daily Consumption Log", "RetrieveDailyConsumptionLog",
     kPlain, kOd | kFdDsp | kSch, kIs | kGs | kEd | kGt | kOu, {1, 3}, {1628, 2237}, {1736, 1888}},
    {"4.18", "4.18", "Read Meter Balance", "ReadMeterBalance",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1432, 1432}, {1736, 1784}},
    {"5.1", "5.1", "Create Schedule", "CreateSchedule",
     kPlain, kNd, kIs | kGs | kEs | kEd | kGt | kOu, {8, 8}, {1986, 1986}, {}},
    {"5.2", "5.2", "Read Schedule", "ReadSchedule",
     kPlain, kNd, kIs | kGs | kEs | kEd | kGt | kOu, {8, 8}, {1483, 1483}, {}},
    {"5.3", "5.3", "Delete Schedule", "DeleteSchedule",
     kPlain, kNd, kIs | kGs | kEs | kEd | kGt | kOu, {8, 8}, {1487, 1487}, {}},
    {"6.2.1", "6.2", "Read Device Configuration (Voltage)", "ReadDeviceConfigurationVoltage",
     kPlain, kOd, kIs | kRsa | kEd, {1, 3}, {1446, 1446}, {1816, 1864}},
    {"6.2.2", "6.2", "Read Device Configuration (Randomisation)", "ReadDeviceConfigurationRandomisation",
     kPlain, kOd, kIs | kRsa | kEd, {1, 3}, {1452, 1452}, {1748, 1752}},
    {"6.2.3", "6.2", "Read Device Configuration (Billing Calendar)", "ReadDeviceConfigurationBillingCalendar",
     kPlain, kOd, kIs | kGs | kRsa, {1, 3}, {1454, 1454}, {1736, 1820}},
    {"6.2.4", "6.2", "Read Device Configuration (Identity Excluding MPxN)", "ReadDeviceConfigurationIdentityExcMPxN",
     kPlain, kOd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {1, 3}, {1454, 1454}, {1752, 1824}},
    {"6.2.5", "6.2", "Read Device Configuration (Instantaneous Power Thresholds)", "ReadDeviceConfigurationInstantaneousPowerThresholds",
     kPlain, kOd, kIs | kRsa, {1, 3}, {1467, 1467}, {1736, 1752}},
    {"6.2.7", "6.2", "Read Device Configuration (MPxN)", "ReadDeviceConfigurationMPxN",
     kPlain, kOd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {1, 3}, {1443, 1443}, {1740, 1796}},
    {"6.2.8", "6.2", "Read Device Configuration (Gas)", "ReadDeviceConfigurationGas",
     kPlain, kOd, kGs | kRsa | kGt, {1, 3}, {1442, 1442}, {1832, 1836}},
    {"6.2.9", "6.2", "Read Device Configuration (Payment Mode)", "ReadDeviceConfigurationPaymentMode",
     kPlain, kOd, kIs | kGs | kRsa, {1, 3}, {1450, 1450}, {1736, 1744}},
    {"6.2.10", "6.2", "Read Device Configuration (Event and Alert Behaviours)", "ReadDeviceConfigurationEventAndAlertBehaviours",
     kPlain, kOd, kIs | kGs | kEd, {1, 3}, {1463, 1463}, {1740, 1940}},
    {"6.4.1", "6.4", "Update Device Configuration (Load Limiting General Settings)", "UpdateDeviceConfigurationLoadLimitingGeneralSettings",
     kCritical, kOd | kFdDevice, kIs, {4, 7}, {1753, 1823}, {1832, 1832}},
    {"6.4.2", "6.4", "Update Device Configuration (Load Limiting Counter Reset)", "UpdateDeviceConfigurationLoadLimitingCounterReset",
     kPlain, kOd | kFdDsp, kIs, {1, 3}, {1465, 1465}, {1736, 1736}},
    {"6.5", "6.5", "Update Device Configuration (Voltage)", "UpdateDeviceConfigurationVoltage",
     kPlain, kOd | kFdDsp, kEd, {1, 3}, {2424, 3249}, {1776, 1828}},
    {"6.6", "6.6", "Update Device Configuration (Gas Conversion)", "UpdateDeviceConfigurationGasConversion",
     kCritical, kOd, kGs, {4, 7}, {1588, 1588}, {1804, 1804}},
    {"6.7", "6.7", "Update Device Configuration (Gas Flow)", "UpdateDeviceConfigurationGasFlow",
     kCritical, kOd, kGs, {4, 7}, {1758, 1773}, {1804, 1804}},
    {"6.8", "6.8", "Update Device Configuration (Billing Calendar)", "UpdateDeviceConfigurationBillingCalendar",
     kCritical, kOd, kIs | kGs, {4, 7}, {1633, 1726}, {1788, 1804}},
    {"6.11", "6.11", "Synchronise Clock", "SynchroniseClock",
     kCritical, kOd, kIs | kGs, {4, 7}, {1560, 1562}, {1804, 1824}},
    {"6.12", "6.12", "Update Device Configuration (Instantaneous Power Threshold)", "UpdateDeviceConfigurationInstantaneousPowerThreshold",
     kPlain, kOd | kFdDsp, kIs, {1, 3}, {1649, 1649}, {1736, 1736}},
    {"6.13", "6.13", "Read Event Or Security Log", "ReadEventOrSecurityLog",
     kPlain, kOd, kIs | kGs | kRsa | kEd | kGt, {1, 3}, {1652, 1657}, {1736, 2192}},
    {"6.14.1", "6.14", "Update Device Configuration (Auxiliary Load Control Description)", "UpdateDeviceConfigurationALCDescriptions",
     kCritical, kOd, kIs, {4, 7}, {1845, 2135}, {1796, 1804}},
    {"6.14.2", "6.14", "Update Device Configuration (Auxiliary Load Control Scheduler)", "UpdateDeviceConfigurationALCScheduler",
     kCritical, kOd | kFdDevice, kIs, {4, 7}, {10886, 11137}, {1824, 1836}},
    {"6.14.3", "6.14", "Update Device Configuration (Auxiliary Controller Scheduler)", "UpdateDeviceConfigurationAuxiliaryControllerScheduler",
     kCritical, kOd | kFdDevice, kIs, {4, 7}, {18340, 19061}, {1816, 1816}},
    {"6.15.1", "6.15", "Update Security Credentials (KRP)", "UpdateSecurityCredentialsKRP",
     kCritical, kOd | kFdDevice, kIs | kGs | kEd | kGt, {4, 7}, {3659, 4460}, {1796, 2064}},
    {"6.15.2", "6.15", "Update Security Credentials (Device)", "UpdateSecurityCredentialsDevice",
     kCritical, kOd, kIs | kGs, {4, 7}, {2094, 2094}, {1776, 1776}},
    {"6.17", "6.17", "Issue Security Credentials", "IssueSecurityCredentials",
     kCritical, kOd, kIs | kGs, {4, 7}, {1525, 1525}, {1776, 2148}},
    {"6.18.1", "6.18", "Set Maximum Demand Configurable Time Period", "SetMaximumDemandConfigurableTimePeriod",
     kPlain, kOd | kFdDsp, kEd, {1, 3}, {1650, 1650}, {1736, 1736}},
    {"6.18.2", "6.18", "Reset Maximum Demand Registers", "ResetMaximumDemandRegisters",
     kPlain, kOd | kFdDsp, kEd, {1, 3}, {1524, 1598}, {1736, 1744}},
    {"6.20.1", "6.20", "Set Device Configuration (Import MPxN)", "SetDeviceConfigurationImportMPxN",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {1528, 1626}, {1736, 1740}},
    {"6.20.2", "6.20", "Set Device Configuration (Export MPAN)", "SetDeviceConfigurationExportMPAN",
     kPlain, kOd | kFdDsp, kEs, {1, 3}, {1531, 1531}, {1760, 1760}},
    {"6.21", "6.21", "Request Handover Of DCC Controlled Device", "RequestHandoverOfDCCControlledDevice",
     kPlain, kOd | kFdDsp, kIs | kGs, {1, 3}, {3593, 4325}, {1972, 2064}},
    {"6.22", "6.22", "Configure Alert Behaviour", "ConfigureAlertBehaviour",
     kPlain, kOd, kIs | kGs | kEd, {1, 3}, {1676, 3166}, {1736, 1780}},
    {"6.23", "6.23", "Update Security Credentials (CoS)", "UpdateSecurityCredentialsCoS",
     kPlain, kOd | kFdDsp | kFdDevice, kIs | kGs, {1, 3}, {4308, 4376}, {1796, 2064}},
    {"6.24.1", "6.24", "Retrieve Device Security Credentials (KRP)", "RetrieveDeviceSecurityCredentialsKRP",
     kPlain, kOd, kIs | kGs | kEd | kGt, {1, 3}, {1599, 1600}, {1736, 1940}},
    {"6.24.2", "6.24", "Retrieve Device Security Credentials (Device)", "RetrieveDeviceSecurityCredentialsDevice",
     kCritical, kOd, kIs | kGs, {4, 7}, {1557, 1557}, {1776, 2336}},
    {"6.25", "6.25", "Set Electricity Supply Tamper State", "SetElectricitySupplyTamperState",
     kCritical, kOd, kIs, {4, 7}, {1534, 1534}, {1788, 1788}},
    {"6.26", "6.26", "Update Device Configuration (Daily Resetting of Tariff Block Counter Matrix)", "UpdateDeviceConfigurationDailyResettingOfTariffBlockCounterMatrix",
     kCritical, kOd, kIs, {4, 7}, {1634, 1634}, {1788, 1788}},
    {"6.27", "6.27", "Update Device Configuration (RMS Voltage Counter Reset)", "UpdateDeviceConfigurationRMSVoltageCounterReset",
     kPlain, kOd | kFdDsp, kEd, {1, 3}, {1463, 1463}, {1740, 1756}},
    {"6.28", "6.28", "Set CHF Sub GHz Configuration", "SetCHFSubGHzConfiguration",
     kPlain, kOd, kIs | kGs, {1, 3}, {2608, 2608}, {1760, 1760}},
    {"6.29", "6.29", "Request CHF Sub GHz Channel Scan", "RequestCHFSubGHzChannelScan",
     kPlain, kOd, kIs | kGs, {1, 3}, {1443, 1443}, {1760, 1760}},
    {"6.30", "6.30", "Read CHF Sub GHz Configuration", "ReadCHFSubGHzConfiguration",
     kPlain, kOd, kIs | kGs | kRsa, {1, 3}, {1442, 1442}, {1760, 1832}},
    {"6.31", "6.31", "Read CHF Sub GHz Channel", "ReadCHFSubGHzChannel",
     kPlain, kOd, kIs | kGs | kRsa, {1, 3}, {1436, 1436}, {1760, 1764}},
    {"6.32", "6.32", "Read CHF Sub GHz Channel Log", "ReadCHFSubGHzChannelLog",
     kPlain, kOd, kIs | kGs | kRsa, {1, 3}, {1620, 1620}, {1760, 1976}},
    {"7.1", "7.1", "Enable Supply", "EnableSupply",
     kCritical, kOd, kIs, {4, 7}, {1426, 1426}, {1788, 1788}},
    {"7.2", "7.2", "Disable Supply", "DisableSupply",
     kCritical, kOd, kIs | kGs, {4, 7}, {1427, 1427}, {1788, 1804}},
    {"7.3", "7.3", "Arm Supply", "ArmSupply",
     kCritical, kOd, kIs | kGs, {4, 7}, {1423, 1423}, {1788, 1804}},
    {"7.4", "7.4", "Read Supply Status", "ReadSupplyStatus",
     kPlain, kOd, kIs | kGs | kEs | kRsa | kEd | kGt, {1, 3}, {1430, 1430}, {1736, 1752}},
    {"7.5", "7.5", "Activate Auxiliary Load", "ActivateAuxiliaryLoad",
     kCritical, kOd, kIs, {4, 7}, {1547, 1547}, {1792, 1792}},
    {"7.6", "7.6", "Deactivate Auxiliary Load", "DeactivateAuxiliaryLoad",
     kCritical, kOd, kIs, {4, 7}, {1555, 1555}, {1792, 1792}},
    {"7.7", "7.7", "Read Auxiliary Load Switch Data", "ReadALCSData",
     kPlain, kOd | kFdDsp, kIs | kEd | kOu, {1, 3}, {1426, 1426}, {2452, 2456}},
    {"7.8", "7.8", "Reset Auxiliary Load", "ResetAuxiliaryLoad",
     kCritical, kOd, kIs, {4, 7}, {1486, 1486}, {1788, 1788}},
    {"7.9", "7.9", "Add Auxiliary Load To Boost Button", "AddAuxiliaryLoadToBoostButton",
     kPlain, kOd | kFdDsp, kIs, {1, 3}, {1762, 1762}, {1752, 1752}},
    {"7.10", "7.10", "Remove Auxiliary Load From Boost Button", "RemoveAuxiliaryLoadFromBoostButton",
     kPlain, kOd | kFdDsp, kIs, {1, 3}, {1824, 1824}, {1752, 1752}},
    {"7.11", "7.11", "Read Boost Button Details", "ReadBoostButtonDetails",
     kPlain, kOd | kFdDsp, kIs | kOu, {1, 3}, {1618, 1618}, {1840, 1840}},
    {"7.12", "7.12", "Set Randomised Offset Limit", "SetRandomisedOffsetLimit",
     kCritical, kOd, kIs, {4, 7}, {1525, 1525}, {1788, 1788}},
    {"7.13", "7.13", "Set Auxiliary Controller State", "SetAuxiliaryControllerState",
     kCritical, kOd, kIs, {4, 7}, {1666, 1696}, {1796, 1796}},
    {"7.14", "7.14", "Read Auxiliary Controller Configuration Data", "ReadAuxiliaryControllerConfigurationData",
     kPlain, kOd | kFdDsp, kIs | kEd | kOu, {1, 3}, {1456, 1456}, {1816, 2352}},
    {"7.15", "7.15", "Read Auxiliary Controller Operational Data", "ReadAuxiliaryControllerOperationalData",
     kPlain, kOd | kFdDsp, kIs | kEd | kOu, {1, 3}, {1454, 1454}, {1800, 2088}},
    {"7.16", "7.16", "Limit APC Level", "LimitAPCLevel",
     kCritical, kOd, kNotKnown, {4, 7}, {1640, 1668}, {1796, 1796}},
    {"8.1.1", "8.1", "Commission Device", "CommissionDeviceSynchroniseClock",
     kCritical, kOd, kIs | kGs, {4, 5}, {1592, 1594}, {1804, 1824}},
    {"8.2", "8.2", "Read Inventory", "ReadInventory",
     kPlain, kNd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {8, 8}, {1495, 1495}, {}},
    {"8.3", "8.3", "Decommission Device", "DecommissionDevice",
     kPlain, kNd, kIs | kGs, {8, 8}, {1505, 1505}, {}},
    {"8.4", "8.4", "Update Inventory", "UpdateInventory",
     kPlain, kNd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {8, 8}, {1517, 1517}, {}},
    {"8.5", "8.5", "Service Opt Out", "ServiceOptOut",
     kPlain, kFdDsp, kNotKnown, {1, 1}, {2940, 2940}, {1896, 1896}},
    {"8.6", "8.6", "Service Opt In", "ServiceOptIn",
     kPlain, kNd, kNotKnown, {8, 8}, {1738, 1738}, {}},
    {"8.7.1", "8.7", "Join Service (Critical)", "JoinServiceCritical",
     kCritical, kOd, kIs | kGs, {4, 7}, {1519, 1519}, {1776, 1776}},
    {"8.7.2", "8.7", "Join Service (Non-Critical)", "JoinServiceNonCritical",
     kPlain, kOd, kIs | kGs | kOu, {1, 3}, {1525, 1525}, {1724, 1800}},
    {"8.8.1", "8.8", "Unjoin Service (Critical)", "UnjoinServiceCritical",
     kCritical, kOd, kIs | kGs, {4, 7}, {1523, 1523}, {1776, 1776}},
    {"8.8.2", "8.8", "Unjoin Service (Non-Critical)", "UnjoinServiceNonCritical",
     kPlain, kOd, kIs | kGs | kOu, {1, 3}, {1529, 1529}, {1724, 1800}},
    {"8.9", "8.9", "Read Device Log", "ReadDeviceLog",
     kPlain, kOd | kFdDsp, kIs | kGs | kOu, {1, 3}, {1427, 1470}, {1748, 2000}},
    {"8.11", "8.11", "Update HAN Device Log", "UpdateHANDeviceLog",
     kPlain, kOd | kFdDsp, kIs | kGs | kOu, {1, 3}, {1546, 1812}, {1760, 1768}},
    {"8.12.1", "8.12", "Restore HAN Device Log", "RestoreHANDeviceLog",
     kPlain, kOd, kIs | kGs, {1, 3}, {1511, 1511}, {1760, 1760}},
    {"8.12.2", "8.12", "Restore Gas Proxy Function Device Log", "RestoreGPFDeviceLog",
     kPlain, kOd, kIs | kGs, {1, 3}, {1511, 1511}, {1780, 1780}},
    {"8.13", "8.13", "Return Local Command Response", "ReturnLocalCommandResponse",
     kPlain, kNd, kIs | kGs, {8, 8}, {1781, 1781}, {}},
    {"8.14.1", "8.14", "Communications Hub Status Update - Install Success", "CHFInstallSuccessSMWAN",
     kPlain, kNd, kIs | kGs, {8, 8}, {1692, 1692}, {}},
    {"8.14.2", "8.14", "Communications Hub Status Update - Install No SM WAN", "CHFInstallSuccessNoSMWAN",
     kPlain, kNd, kIs | kGs, {8, 8}, {1966, 1966}, {}},
    {"8.14.3", "8.14", "Communications Hub Status Update - Fault Return", "CHFFaultReturn",
     kPlain, kNd, kIs | kGs, {8, 8}, {1754, 1754}, {}},
    {"8.14.4", "8.14", "Communications Hub Status Update - No Fault Return", "CHFNoFaultReturn",
     kPlain, kNd, kIs | kGs, {8, 8}, {1581, 1581}, {}},
    {"9.1", "9.1", "Request Customer Identification Number", "RequestCustomerIdentificationNumber",
     kPlain, kOd, kOu, {1, 3}, {1449, 1449}, {1760, 1760}},
    {"11.1", "11.1", "Update Firmware", "UpdateFirmware",
     kPlain, kNd, kIs | kGs, {8, 8}, {2077, 2077}, {}},
    {"11.2", "11.2", "Read Firmware Version", "ReadFirmwareVersion",
     kPlain, kOd | kFdDsp, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {1, 3}, {1435, 1435}, {1736, 1756}},
    {"11.3", "11.3", "Activate Firmware", "ActivateFirmware",
     kCritical, kOd | kFdDevice, kIs | kGs, {4, 7}, {1552, 1620}, {1792, 1804}},
    {"11.4", "11.4", "Update PPMID Firmware", "UpdatePPMIDFirmware",
     kPlain, kNd, kIs | kGs, {8, 8}, {1999, 1999}, {}},
    {"12.1", "12.1", "Request WAN Matrix", "RequestWANMatrix",
     kPlain, kNd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {8, 8}, {1586, 1586}, {}},
    {"12.2", "12.2", "Device Pre-notification", "DevicePrenotification",
     kPlain, kNd, kIs | kGs | kEs | kRsa | kEd | kGt | kOu, {8, 8}, {1778, 1778}, {}},
    {"14.1", "14.1", "Record Network Data (GAS)", "RecordNetworkDataGAS",
     kPlain, kOd | kSch, kGt, {1, 3}, {1436, 1436}, {1760, 1760}},
}};
// clang-format on

// A variant as the numbers between its dots; a missing third is zero.
struct Numbers {
  unsigned parts[3] = {};
  bool ok = false;
};

constexpr Numbers numbers_of(std::string_view variant) {
  Numbers n;
  std::size_t part = 0;
  bool digit = false;
  for (const char c : variant) {
    if (c == '.') {
      if (!digit || ++part == 3) return n;
      digit = false;
    } else {
      if (c < '0' || c > '9' || (digit && n.parts[part] == 0) || n.parts[part] > 9) return n;
      if (!digit && c == '0') return n;
      n.parts[part] = n.parts[part] * 10 + static_cast<unsigned>(c - '0');
      digit = true;
    }
  }
  n.ok = digit && part >= 1;
  return n;
}

// Numbers packed into one; large enough for every variant of the schema.
constexpr unsigned kFirst = 15, kSecond = 33, kThird = 11;
constexpr std::size_t kSlots = kFirst * kSecond * kThird;

constexpr std::size_t slot_of(const Numbers& n) {
  return (static_cast<std::size_t>(n.parts[0]) * kSecond + n.parts[1]) * kThird + n.parts[2];
}
constexpr bool in_range(const Numbers& n) {
  return n.ok && n.parts[0] < kFirst && n.parts[1] < kSecond && n.parts[2] < kThird;
}

constexpr bool rises() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    const Numbers n = numbers_of(kTable[i].variant);
    if (!in_range(n) || (i > 0 && slot_of(numbers_of(kTable[i - 1].variant)) >= slot_of(n)))
      return false;
  }
  return true;
}
static_assert(rises(), "rows stand in the order of their numbers");

constexpr bool agrees(const ServiceReferenceVariant& s) {
  const std::size_t dot = s.variant.find('.', s.variant.find('.') + 1);
  const unsigned first = s.command_variants.first();
  return s.reference == s.variant.substr(0, dot) && !s.name.empty() && !s.body.empty() &&
         !s.modes.empty() &&
         first == (s.critical       ? 4U
                   : s.non_device() ? 8U
                                    : 1U) &&
         s.request_bytes.least <= s.request_bytes.most && s.request_bytes.least > 0;
}
constexpr bool all_agree() {
  for (const ServiceReferenceVariant& s : kTable)
    if (!agrees(s)) return false;
  return true;
}
static_assert(all_agree(), "reference, Command Variants and modes of a row fit each other");

// Row number plus one, by slot.
constexpr std::array<std::uint8_t, kSlots> kBySlot = [] {
  std::array<std::uint8_t, kSlots> slots{};
  for (std::size_t i = 0; i < kTable.size(); ++i)
    slots[slot_of(numbers_of(kTable[i].variant))] = static_cast<std::uint8_t>(i + 1);
  return slots;
}();

struct RoleName {
  std::string_view brief;
  std::string_view full;
};
constexpr std::array<RoleName, kUserRoles> kRoleNames{{{"IS", "Import Supplier"},
                                                       {"GS", "Gas Supplier"},
                                                       {"ES", "Export Supplier"},
                                                       {"RSA", "Registered Supplier Agent"},
                                                       {"ED", "Electricity Distributor"},
                                                       {"GT", "Gas Transporter"},
                                                       {"OU", "Other User"}}};
constexpr std::array<std::string_view, kModes> kModeNames{"on demand", "future-dated at the DCC",
                                                          "future-dated at the device",
                                                          "DCC-scheduled", "non-device"};

}  // namespace

std::string_view short_name_of(UserRole role) {
  return kRoleNames[static_cast<std::size_t>(role)].brief;
}
std::string_view name_of(UserRole role) {
  return kRoleNames[static_cast<std::size_t>(role)].full;
}
std::optional<UserRole> parse_user_role(std::string_view short_name) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i)
    if (kRoleNames[i].brief == short_name) return static_cast<UserRole>(i);
  return std::nullopt;
}
std::string_view name_of(Mode mode) {
  return kModeNames[static_cast<std::size_t>(mode)];
}
std::string_view name_of(DccService service) {
  constexpr std::array<std::string_view, 3> kNames{"Transform", "Send Command", "Non-Device"};
  return kNames[static_cast<std::size_t>(service)];
}

std::optional<DccService> service_of(unsigned command_variant) {
  switch (command_variant) {
    case 1:
    case 3:
    case 5:
    case 7:
      return DccService::send_command;
    case 2:
    case 6:
    case 8:
      return DccService::non_device;
    case 4:
      return DccService::transform;
    default:
      return std::nullopt;
  }
}

std::span<const ServiceReferenceVariant, kServiceReferenceVariants> srv_table() {
  return kTable;
}

const ServiceReferenceVariant* find_srv(std::string_view variant) {
  const Numbers n = numbers_of(variant);
  if (!in_range(n)) return nullptr;
  const std::uint8_t row = kBySlot[slot_of(n)];
  return row == 0 ? nullptr : &kTable[row - 1U];
}

std::size_t index_of(const ServiceReferenceVariant& srv) {
  return static_cast<std::size_t>(&srv - kTable.data());
}

}  // namespace s1flow
