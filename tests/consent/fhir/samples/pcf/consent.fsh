
RuleSet:        FoundationConsent
/*
Using a RuleSet so that the foundational constraints are consistent and show up in the profiles

- status 1..1 - would indicate active
- scope 1..1 - #patient-privacy
- category 1..1 - would indicate patient consent, specifically a delegation of authority
- identifier 0..1 - no defined use in PCF. This could carry business identifiers assigned to the consent instance
- patient 1..1 - would indicate the Patient resource reference for the given patient
- dateTime 1..1 - would indicate when the privacy policy was presented
- performer 1.. - would indicate the Patient resource if the patient was presented, a RelatedPerson for parent or guardian
- organization 1.. - would indicate the Organization that presented the privacy policy, and that is going to enforce that privacy policy
- source 1..1 - would point at the specific signed consent by the patient
- policy.uri 1..1 - would indicate the privacy policy that was presented. Usually, the url to the version-specific policy
- provision.type 1..1 - permit indicates agreement with the policy, deny would indicate rejection.
- provision.actor 0..* - would indicate those being granted permit / denied access, if empty then all in the community
- provision.actor.role - fixed value IRCP to indicate information recipient.
- provision.purpose - would indicate some set of authorized purposeOfUse
- provision.period MS - would indicate a sunset for the consent if applicable, empty means no expiration
- provision.provisions are allowed

Not defined in PCF, but allowed
- policy.authority - **not used** in PCF
- policyRule - **not used** in PCF

Not allowed in PCF
- provision.provision.provisions - **NOT allowed**, no clear use-case need and would add complexity
- verification - **not used** in PCF, unclear the use-case need
- provision.action - **not used** in PCF. The purpose is sufficient.
- provision.class - **not used** in PCF, unclear the use-case need
- provision.code - **not used** in PCF, unclear the use-case need

Not constrained here as constrained by derived profiles (basic, intermediate, advanced)
- securityLabel
*/
* status 1..1
* scope 1..1
* scope = http://terminology.hl7.org/CodeSystem/consentscope#patient-privacy
* category 1..
// TODO should we define a category for basic vs intermediary vs advanced
* patient 1..1
* dateTime 1..1
* performer 1..
* organization 1..
* source[x] 1..1
* policy.uri 1..1
//* policy.authority
//* policyRule
* verification 0..0
* provision 1..1 MS
* provision.type 1..1
* provision.period MS
* provision.purpose MS
* provision.actor MS
* provision.actor.role = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#IRCP
* provision.action 0..0
* provision.class 0..0
* provision.code 0..0
* provision.provision.provision 0..0



Profile:        BasicConsent
Parent:         Consent
Id:             IHE.PCF.consentBasic
Title:          "IHE PCF Explicit Basic Consent"
Description:    """
Explicit Basic Consent

- status 1..1 - would indicate active
- scope 1..1 - #patient-privacy
- category 1..1 - would indicate patient consent, specifically a delegation of authority
- identifier 0..1 - no defined use in PCF. This could carry business identifiers assigned to the consent instance
- patient 1..1 - would indicate the Patient resource reference for the given patient
- dateTime 1..1 - would indicate when the privacy policy was presented
- performer 1.. - would indicate the Patient resource if the patient was presented, a RelatedPerson for parent or guardian
- organization 1.. - would indicate the Organization that presented the privacy policy, and that is going to enforce that privacy policy
- source 1..1 - would point at the specific signed consent by the patient
- policy.uri 1..1 - would indicate the privacy policy that was presented. Usually, the url to the version-specific policy
- provision.type 1..1 - permit indicates agreement with the policy, deny would indicate rejection.
- provision.actor 0..* - would indicate those being granted permit / denied access, if empty then all in the community
- provision.actor.role - fixed value IRCP to indicate information recipient.
- provision.purpose - would indicate some set of authorized purposeOfUse
- provision.period MS - would indicate a sunset for the consent if applicable, empty means no expiration
- provision.provisions are allowed

Not defined in PCF, but allowed
- policy.authority - **not used** in PCF
- policyRule - **not used** in PCF

Not allowed in PCF
- provision.provision.provisions - **NOT allowed**, no clear use-case need and would add complexity
- verification - **not used** in PCF, unclear the use-case need
- provision.action - **not used** in PCF. The purpose is sufficient.
- provision.class - **not used** in PCF, unclear the use-case need
- provision.code - **not used** in PCF, unclear the use-case need

Specifics of Basic:
- provision.purpose - would indicate some set of authorized purposeOfUse only Treatment, Payment, or Operations, see Intermediate
- provision.securityLabel is not allowed, see Intermediate
- provision.dataPeriod is not allowed, see Intermediate
- provision.data is nto allowed, see Intermediate
- provision.provision are NOT allowed, see Intermediate
"""
* insert FoundationConsent
* provision.securityLabel 0..0
* provision.purpose from BasicPurposeVS (extensible)
* provision.dataPeriod 0..0
* provision.data 0..0
* provision.provision 0..0

ValueSet: BasicPurposeVS
Title: "Basic Purpose ValueSet"
Description: "ValueSet of the PurposeOfUse minimally extensible by Basic Option"
* ^experimental = false
* http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HPAYMT
* http://terminology.hl7.org/CodeSystem/v3-ActReason#HOPERAT


Profile:        IntermediateConsent
Parent:         Consent
Id:             IHE.PCF.consentIntermediate
Title:          "IHE PCF Explicit Intermediate Consent"
Description:    """
Explicit Intermediate Consent

- all elements allowed by Basic are allowed here, plus the following
- restriction at the root `.provision` apply to the whole Consent
  - restrictions at the `.provision.provision` are exceptions to the base consent
  - no `.provision.provision.provisions` are allowed
- data authored in a timeframe is specified in the `.dataPeriod` element
- explicit data objects are indicated in the `.data` element with `.meaning` of `#instance`
- data with relationship to an object are indicated in a `.data` element with `.meaning` of `#related`
- data authored by a given actor is indicated in the `.data` element with `.meaning` of `#authoredby`
- purposes of use activities are indicated in the `.purpose` element
- `securityLabel` is not allowed, see Advanced
"""
* insert FoundationConsent
* provision.provision MS
* provision.provision.provision 0..0
* provision.securityLabel 0..0
* provision.dataPeriod MS
* provision.provision.dataPeriod MS
* provision.data MS
* provision.data ^slicing.discriminator.type = #value
* provision.data ^slicing.discriminator.path = "meaning"
* provision.data ^slicing.rules = #closed
* provision.data contains
  iData 0..* and
  rData 0..* and
  aData 0..*
* provision.data[iData].meaning = #instance
* provision.data[rData].meaning = #related
* provision.data[rData].reference only Reference(Encounter or CarePlan or EpisodeOfCare)
* provision.data[aData].meaning = #authoredby
* provision.data[aData].reference only Reference(Practitioner or PractitionerRole or Organization or Device or Group or CareTeam or Patient or RelatedPerson)
* provision.provision.data MS
* provision.provision.data ^slicing.discriminator.type = #value
* provision.provision.data ^slicing.discriminator.path = "meaning"
* provision.provision.data ^slicing.rules = #closed
* provision.provision.data contains
  iDataP 0..1 and
  rDataP 0..1 and
  aDataP 0..1
* provision.provision.data[iDataP].meaning = #instance
* provision.provision.data[rDataP].meaning = #related
* provision.provision.data[rDataP].reference only Reference(Encounter or CarePlan or EpisodeOfCare)
* provision.provision.data[aDataP].meaning = #authoredby
* provision.provision.data[aDataP].reference only Reference(Practitioner or PractitionerRole or Organization or Device or Group or CareTeam or Patient or RelatedPerson)
* provision.purpose MS
* provision.provision.purpose MS


Profile:        AdvancedConsent
Parent:         Consent
Id:             IHE.PCF.consentAdvanced
Title:          "IHE PCF Explicit Advanced Consent"
Description:    """
Explicit Advanced Consent

- all elements allowed by Basic and Intermediate are allowed here, plus the following
- `securityLabel` indicates sensitivity or confidentiality tags on data
  - Only codes from [Avanced Security Tag ValueSet](ValueSet-AdvancedSecurityTagVS.html)
"""
* insert FoundationConsent
* provision.provision MS
* provision.provision.provision 0..0
* provision.securityLabel  from AdvancedSecurityTagVS (extensible)
* provision.provision.securityLabel  from AdvancedSecurityTagVS (extensible)

ValueSet: AdvancedSecurityTagVS
Title: "Advanced Security Tag ValueSet"
Description: """
ValueSet of the security tags allowed in Advanced Consent Option

At a minimum the following stigmatizing [Sensitivity](https://terminology.hl7.org/ValueSet-v3-InformationSensitivityPolicy.html) classifications shall be implemented as parameters:

- `ETH` -- Substance Abuse including Alcohol
  - `ETHUD` -- Alcohol substance abuse
  - `OPIOIDUD` -- Opioid drug abuse
- `PSY` -- Psychiatry Disorder / Mental Health
- `SDV` -- Sexual Assault, Abuse, or Domestic Violence
- `HIV` -- HIV/AIDS

At a minimum the following [ConfidentialityCodes](https://terminology.hl7.org/ValueSet-v3-Confidentiality.html) shall be implemented as parameters:

- `N` Normal and
- `R` Restricted
"""
* ^experimental = false
* http://terminology.hl7.org/CodeSystem/v3-Confidentiality#R
* http://terminology.hl7.org/CodeSystem/v3-Confidentiality#N
* http://terminology.hl7.org/CodeSystem/v3-ActCode#ETH
* http://terminology.hl7.org/CodeSystem/v3-ActCode#ETHUD
* http://terminology.hl7.org/CodeSystem/v3-ActCode#OPIOIDUD
* http://terminology.hl7.org/CodeSystem/v3-ActCode#PSY
* http://terminology.hl7.org/CodeSystem/v3-ActCode#SDV
* http://terminology.hl7.org/CodeSystem/v3-ActCode#HIV





