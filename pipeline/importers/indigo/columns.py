"""INDIGO's export: its files, the columns that we read, and how locators name the files.

Belongs here: names as INDIGO writes them. What they mean to us is said where they are used.
"""

from pipeline.importers.imported import Owner

PROJECTS = "projects.csv"
LOCATIONS = "projects_delivery_locations.csv"
RESULTS = "projects_results.csv"
PAYMENTS = "projects_outcome_payments.csv"
# Its rows of that type, which are counted by themselves.
PLANNED = f"{PAYMENTS} (Planned)"
COMMITMENTS = "projects_outcome_payment_commitments.csv"
PROJECT_FUNDS = "projects_outcome_funds.csv"
FUNDS = "funds.csv"
ORGANISATIONS = "organisations.csv"
PROVISIONS = "projects_service_provisions.csv"
INVESTMENTS = "projects_investments.csv"
METRICS = "projects_outcome_metrics.csv"
PRICES = "projects_outcome_pricings.csv"

PROJECT_ID = "Project ID"
COUNTRY_COLUMN = "Location - Country"
NAME = "Impact Bond Name"
STAGE = "Stage of Development"
SECTOR = "Purpose and classifications - Policy sector"
TARGET_POPULATION = "Service and beneficiaries - Target population"
INTERVENTION = "Purpose and classifications - Intervention"
MONTHS_PLANNED = "Dates - Anticipated duration of service provision"
MONTHS_LASTED = "Dates - Actual duration of service provision"
RETURN_TARGET = "Investment Details - Internal Rate of Return - Target"
RETURN_LATEST = "Investment Details - Internal Rate of Return - Latest"
RETURN_MOST = "Overall project finance - Maximum potential return"
INVESTOR_RETURN_MOST = "Maximum Potential Return"
SIGNED = "Dates - Date outcomes contract signed"
SERVICE_START = "Dates - Start date of service provision"
PEOPLE_TARGETED = "Service and beneficiaries - Targeted number of unique service users or beneficiaries (total)"
PEOPLE_ENGAGED = "Service and beneficiaries - Actual number of unique service users or beneficiaries engaged (total)"
MAXIMUM = "Overall project finance - Maximum potential outcome payment - Amount"
MAXIMUM_CURRENCY = "Overall project finance - Maximum potential outcome payment - Currency"
TOTAL_PAID = "Overall project finance - Total outcome payments made - Amount"
TOTAL_PAID_CURRENCY = "Overall project finance - Total outcome payments made - Currency"
METRIC_ID = "Outcome Metric Id"
RESULT_TYPE = "Result type"
PERIOD_START = "Period - Start"
PERIOD_END = "Period - End"
ACHIEVED = "Outcomes achieved"
ENGAGED = "Number engaged In impact bond"
PLAN_ID = "Outcome Payment Plan Id"
PAYER_ID = "Payer Organisation ID"
PAYMENT_TYPE = "Type"
PAYMENT_CURRENCY = "Payments - Currency"
PAYMENT_AMOUNT = "Payments - Amount"
NOTES = "Notes"
INVESTMENT = "Overall project finance - Total investment commitment - Amount - Exact"
INVESTMENT_LOW = "Overall project finance - Total investment commitment - Amount - Min"
INVESTMENT_CURRENCY = "Overall project finance - Total investment commitment - Currency"
# In the commitments, the provisions of service and the investments alike.
ORGANISATION_ID = "Organisation ID"
INVESTED = "Investment Commitment - Amount - Exact"
INVESTED_LOW = "Investment Commitment - Amount - Min"
INVESTED_CURRENCY = "Investment Commitment - Currency"
PLACE = "Location - Name"
LATITUDE = "Lat/Lng - Lat"
LONGITUDE = "Lat/Lng - Lng"
COMMITMENT_CURRENCY = "Maximum potential Outcome payment - Currency"
COMMITMENT_AMOUNT = "Maximum potential Outcome payment - Amount"
FUND_NAME = "Fund - Name"
TARGET_PEOPLE = "Targeted number of service users Or beneficiaries (total)"
TARGET_UNIT = "Unit type of targeted Service users or beneficiaries"
TARGET_UNIT_NAME = "Unit description of Service user or beneficiaries"
TARGET_OUTCOME = "Outcome metric target"
PRICE_CURRENCY = "Currency"
PRICE = "Price Per Unit - Amount"
PRICE_MAXIMUM = "Maximum Price if all targets achieved - Amount"
PRICE_INCREASES = "Contracted increases to outcome pricing"

# Which end of service is used, best first, and what `service_end_basis` calls it.
SERVICE_ENDS = {
    "actual": "Dates - Actual end date of service provision",
    "anticipated": "Dates - Anticipated end date of service provision",
    "completion_actual": "Dates - Actual completion date",
    "completion_anticipated": "Dates - Anticipated completion date",
}

# The files and columns that are read (without the suffix ` - (Value)` that most headers carry).
COLUMNS = {
    PROJECTS: (
        "ID",
        NAME,
        STAGE,
        SECTOR,
        SIGNED,
        SERVICE_START,
        *SERVICE_ENDS.values(),
        PEOPLE_TARGETED,
        PEOPLE_ENGAGED,
        MAXIMUM,
        MAXIMUM_CURRENCY,
        TOTAL_PAID,
        TOTAL_PAID_CURRENCY,
        INVESTMENT,
        INVESTMENT_LOW,
        INVESTMENT_CURRENCY,
        TARGET_POPULATION,
        INTERVENTION,
        MONTHS_PLANNED,
        MONTHS_LASTED,
        RETURN_TARGET,
        RETURN_LATEST,
        RETURN_MOST,
    ),
    LOCATIONS: (PROJECT_ID, COUNTRY_COLUMN, PLACE, LATITUDE, LONGITUDE),
    RESULTS: (PROJECT_ID, METRIC_ID, RESULT_TYPE, PERIOD_START, PERIOD_END, ACHIEVED, ENGAGED),
    PAYMENTS: (
        PROJECT_ID,
        PLAN_ID,
        METRIC_ID,
        PERIOD_START,
        PERIOD_END,
        PAYER_ID,
        PAYMENT_TYPE,
        PAYMENT_CURRENCY,
        PAYMENT_AMOUNT,
        NOTES,
    ),
    COMMITMENTS: (PROJECT_ID, ORGANISATION_ID, COMMITMENT_CURRENCY, COMMITMENT_AMOUNT),
    PROJECT_FUNDS: (PROJECT_ID, "Id"),
    FUNDS: ("ID", FUND_NAME),
    ORGANISATIONS: ("ID", "Name"),
    PROVISIONS: (PROJECT_ID, ORGANISATION_ID),
    INVESTMENTS: (PROJECT_ID, ORGANISATION_ID, INVESTED, INVESTED_LOW, INVESTED_CURRENCY, INVESTOR_RETURN_MOST),
    METRICS: (PROJECT_ID, "Id", TARGET_PEOPLE, TARGET_UNIT, TARGET_UNIT_NAME, TARGET_OUTCOME),
    PRICES: (PROJECT_ID, METRIC_ID, PRICE_CURRENCY, PRICE, PRICE_MAXIMUM, PRICE_INCREASES, NOTES),
}

# Files with a row for each thing of one kind, and those with rows of projects; a project stands once in the first file.
REGISTERS = (FUNDS, ORGANISATIONS)
OF_PROJECTS = tuple(name for name, columns in COLUMNS.items() if PROJECT_ID in columns)

# Files of the export that are not read. They are known so that none is taken for another by its ending.
UNREAD = ("projects_outcome_payment_plans.csv",)

# How locators name the files of the export.
LOCATOR_KINDS = {
    PROJECTS: "projects",
    RESULTS: "results",
    PAYMENTS: "payments",
    PLANNED: "planned",
    COMMITMENTS: "commitments",
    PROVISIONS: "provisions",
    INVESTMENTS: "investments",
    LOCATIONS: "locations",
    METRICS: "metrics",
    PRICES: "prices",
}
# The rows of `raw/` that this importer may change, of whichever year their export was.
OWNER = Owner(source="indigo-", locators=tuple(f"{kind}:" for kind in LOCATOR_KINDS.values()))
