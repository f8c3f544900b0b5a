### two records of a hospital are one person, and two again
hl7 A1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F
  PV1|1|I|W3^305^12||||||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
put Patient {"resourceType":"Patient","id":"p2","identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P2"}],"active":true,"name":[{"text":"LI SHI"}]}
hl7 A2 A01
  EVN|A01|20260301100000
  PID|1||P2^^^H1^PI||LI^SHI||19380511|F
  PV1|1|O|||||||||||||||||V2^^^H1^VN|||||||||||||||||||||||||20260301100000
same Patient?_id=p2 loser
same Patient?identifier=310199194002030026 winner
same Encounter?identifier=H1-V2 visit
hl7 A3 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P2^^^H1^PI
=> MSA|AA
again
is Patient?_id=p2 active false
is Patient?_id=p2 link[0].type replaced-by
is Patient?identifier=310199194002030026 link[0].type replaces
is Patient?identifier=310199194002030026 active true
is Provenance?_id:missing=false&_sort=-_lastUpdated activity.coding[0].code link
desk GET /messages/health/H1/A3
=> Encounter/
hl7 A4 A08
  EVN|A08|20260303090000
  PID|1||P2^^^H1^PI||LI^SHI|||||||||||M
  PV1|1|O|||||||||||||||||V2^^^H1^VN
=> MSA|AA
is Patient?identifier=310199194002030026 maritalStatus.coding[0].code M
is Patient?identifier=310199194002030026 identifier[0].value 310199194002030026
is Patient?identifier=310199194002030026 identifier[1].value H1-P1
is Encounter?identifier=H1-V2 subject.reference Patient/02815025-d3ec-58b4-a140-3fb45d0e776f
is Patient?_id=p2 maritalStatus -
hl7 A5 A40
  EVN|A40|20260302090000
  PID|1||P2^^^H1^PI||LI^SHI
  MRG|P1^^^H1^PI
=> exchange.merge-cycle
hl7 A6 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P1^^^H1^PI
=> exchange.merge-self
hl7 A7 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P2^^^H1^PI
=> MSA|AA
hl7 A8 A37
  EVN|A37|20260304090000
  PID|1||P2^^^H1^PI||LI^SHI
  PID|2||P1^^^H1^PI||LI^SHI
=> MSA|AA
same Patient?_id=p2 loser
same Encounter?identifier=H1-V2 visit2
is Encounter?identifier=H1-V2 subject.reference Patient/p2
is Patient?identifier=310199194002030026 link -
is Provenance?_id:missing=false&_sort=-_lastUpdated activity.coding[0].code unlink
hl7 A9 A37
  EVN|A37|20260304090000
  PID|1||P2^^^H1^PI||LI^SHI
  PID|2||P1^^^H1^PI||LI^SHI
=> exchange.not-linked
hl7 A10 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P77^^^H1^PI
=> v2.kept

### a hospital does not make one of two identity numbers
hl7 A1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F
  PV1|1|I|W3^305^12||||||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
hl7 A2 A01
  EVN|A01|20260301100000
  PID|1||P2^^^H1^PI~310199193805110025^^^GB11643^NI||LI^SHI||19380511|F
  PV1|1|O|||||||||||||||||V2^^^H1^VN|||||||||||||||||||||||||20260301100000
hl7 A3 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P2^^^H1^PI
=> exchange.merge-two-identities
state health/H1/A3 refused exchange.merge-two-identities
count Patient?active=true 2

### a merge told before one of the two is known goes on when it is
put Patient {"resourceType":"Patient","id":"w","active":true,"identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P1"}]}
hl7 A1 A40
  EVN|A40|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI
  MRG|P2^^^H1^PI
=> v2.kept
put Patient {"resourceType":"Patient","id":"l","identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P2"}]}
state health/H1/A1 done
is Patient?_id=l active false
is Patient?_id=w link[0].other.reference Patient/l

### an open referral goes over to the one that stays
put Patient {"resourceType":"Patient","id":"w","active":true,"identifier":[{"system":"https://heyi.example/fhir/id/hospital/patient","value":"H1-P1"},{"system":"urn:oid:2.16.156.10011.1.3","value":"310199194002030042"}]}
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026"}
put Contract {"resourceType":"Contract","id":"c1","status":"executed","subject":[{"reference":"Organization/o1"},{"reference":"Organization/o2"}]}
put Organization {"resourceType":"Organization","id":"o1","name":"A","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"52310199MJ00000016"}]}
put Organization {"resourceType":"Organization","id":"o2","name":"B","identifier":[{"system":"https://heyi.example/fhir/id/uscc","value":"123101994250000771"}]}
civil BED_REFERRAL F1 {"refNo":"ZJ1","direction":"HOME_TO_HOSP","fromOrgUscc":"52310199MJ00000016","fromBedType":"care-home","toOrgUscc":"123101994250000771","toBedType":"hospital","elderIdCard":"310199194002030026","applyTime":"2026-03-02 08:00:00","status":"REQUESTED"}
=> "code":0
desk POST /identity/link {"winner":"Patient/w","loser":"Patient/02815025-d3ec-58b4-a140-3fb45d0e776f"}
=> Task/
is Task?status=requested for.reference Patient/w
is ServiceRequest?status=active subject.reference Patient/w
civil BED_REFERRAL F2 {"refNo":"ZJ1","direction":"HOME_TO_HOSP","fromOrgUscc":"52310199MJ00000016","fromBedType":"care-home","toOrgUscc":"123101994250000771","toBedType":"hospital","elderIdCard":"310199194002030026","applyTime":"2026-03-02 08:00:00","status":"CANCELLED"}
=> "code":0
is Task?_id:missing=false status cancelled

### an operator links and parts exactly
put Patient {"resourceType":"Patient","id":"a","name":[{"text":"A"}]}
put Patient {"resourceType":"Patient","id":"b","active":true,"name":[{"text":"B"}]}
put Patient {"resourceType":"Patient","id":"c","name":[{"text":"C"}]}
put Encounter {"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/b"}}
put ServiceRequest {"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","subject":{"reference":"Patient/b"}}
put ServiceRequest {"resourceType":"ServiceRequest","id":"s2","status":"completed","intent":"order","subject":{"reference":"Patient/b"}}
same Patient?_id=a a
same Patient?_id=b b
same Patient?_id=c c
same Encounter?_id=e1 e1
desk POST /identity/link {"winner":"Patient/a","loser":"Patient/b"}
=> Patient/b/_history/2
is Encounter?_id=e1 subject.reference Patient/a
is ServiceRequest?_id=s1 subject.reference Patient/a
is ServiceRequest?_id=s2 subject.reference Patient/b
desk POST /identity/link {"winner":"Patient/a","loser":"Patient/b"}
=> {"written":[]}
desk POST /identity/link {"winner":"Patient/c","loser":"Patient/b"}
=> error exchange.merge-taken
desk POST /identity/link {"winner":"Patient/c","loser":"Patient/a"}
=> Patient/a/_history/3
desk POST /identity/link {"winner":"Patient/b","loser":"Patient/c"}
=> error exchange.merge-cycle
is Encounter?_id=e1 subject.reference Patient/c
desk POST /identity/unlink {"patients":["Patient/c","Patient/a"]}
desk POST /identity/unlink {"patients":["Patient/a","Patient/b"]}
same Patient?_id=a a
same Patient?_id=b b
same Patient?_id=c c
same Encounter?_id=e1 e1
desk POST /identity/unlink {"patients":["Patient/a","Patient/b"]}
=> error exchange.not-linked
desk POST /identity/unlink {"patients":["Patient/a","Patient/nobody"]}
=> error exchange.unknown-patient
desk POST /identity/link {"winner":"Patient/a"}
=> error exchange.order
desk GET /identity
=> error exchange.desk-method
count Provenance 4

### weak evidence makes a Task, once for each pair, never a merge
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026","phone":"021-1"}
count Task 0
civil ELDER E2 {"id":2,"name":"李 示例","gender":"2","idCardNo":"310199194002030042","phone":"021-1"}
count Task?code=identity-review 1
is Task?code=identity-review status requested
civil ELDER E3 {"id":2,"name":"李示例","gender":"2","idCardNo":"310199194002030042","phone":"021-1","address":"甲"}
count Task?code=identity-review 1
civil ELDER E4 {"id":3,"name":"李示例","gender":"2","idCardNo":"310199193805110025","phone":"021-1"}
count Task?code=identity-review 1
count Patient 3
count Patient?active=true 3

### survivorship: a lower department's word does not stand over a higher one's
civil ELDER E1 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026","phone":"021-1"}
hl7 B1 A01
  EVN|A01|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F|||||^PRN^PH^^^021^22222222|||M
  PV1|1|I|W3^305^12||||||||||||||||V1^^^H1^VN|||||||||||||||||||||||||20260301090000
hl7 B2 A08
  EVN|A08|20260301090000
  PID|1||P1^^^H1^PI~310199194002030026^^^GB11643^NI||LI^SHI||19400203|F|||||^PRN^PH^^^021^22222222|||M
  PV1|1|I
=> MSA|AA
is Patient?identifier=310199194002030026 telecom[0].value 021-1
is Patient?identifier=310199194002030026 maritalStatus.coding[0].code M
desk GET /messages/health/H1/B2
=> "outranked":"Patient/
=> \tcivil-affairs\n
civil ELDER E2 {"id":1,"name":"李示例","gender":"2","idCardNo":"310199194002030026","phone":"021-3"}
is Patient?identifier=310199194002030026 telecom[0].value 021-3
hl7 B3 A08
  EVN|A08|20260302090000
  PID|1||P1^^^H1^PI||LI^SHI|||||||||||S
  PV1|1|I
is Patient?identifier=310199194002030026 maritalStatus.coding[0].code S

### survivorship: a bed in which Heyi has put somebody stays occupied, whatever its home says
civil BED B1 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":0,"bedType":"care-home"}
civil BED B2 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":2,"bedType":"care-home"}
is Location operationalStatus.code C
civil BED B3 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":0,"bedType":"care-home"}
is Location operationalStatus.code U
put Location {"resourceType":"Location","id":"b14d3b4b-d092-58dc-90b8-b0e165d79667","status":"active","mode":"instance","name":"H-1","operationalStatus":{"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"O"}}
civil BED B4 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":0,"bedType":"care-home","floor":"3"}
=> "code":0
is Location operationalStatus.code O
is Location extension[0].valueString 3
desk GET /messages/civil-affairs/52310199MJ00000016/B4
=> \thub\n
civil BED B5 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":2,"bedType":"care-home","floor":"3"}
is Location operationalStatus.code O
put Location {"resourceType":"Location","id":"b14d3b4b-d092-58dc-90b8-b0e165d79667","status":"active","mode":"instance","name":"H-1","operationalStatus":{"system":"http://terminology.hl7.org/CodeSystem/v2-0116","code":"U"}}
civil BED B6 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":2,"bedType":"care-home","floor":"3"}
is Location operationalStatus.code C
civil BED B7 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":1,"bedType":"care-home","floor":"3"}
is Location operationalStatus.code O
civil BED B8 {"id":"H-1","orgUscc":"52310199MJ00000016","bedNumber":"H-1","status":0,"bedType":"care-home","floor":"3"}
is Location operationalStatus.code U
