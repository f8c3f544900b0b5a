-- The n-th invented Observation, about 1.2 kB: its subject, code, date and value differ from its neighbours'.
return function(n)
  return string.format('{"resourceType":"Observation","identifier":[{"system":"http://hospital.example/observations","value":"obs-%d"}],' ..
    '"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital signs"}]}],' ..
    '"code":{"coding":[{"system":"http://loinc.org","code":"%d-4","display":"Measured thing number %d"}],"text":"Measured thing number %d"},' ..
    '"subject":{"reference":"Patient/p%d","display":"Invented Person %d"},"encounter":{"reference":"Encounter/e%d"},' ..
    '"effectiveDateTime":"20%02d-%02d-%02dT%02d:%02d:00+08:00","issued":"20%02d-%02d-%02dT%02d:%02d:00+08:00",' ..
    '"performer":[{"reference":"Practitioner/d%d","display":"Invented Doctor"}],' ..
    '"valueQuantity":{"value":%d.%d,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"},' ..
    '"note":[{"text":"Taken by a nurse at the bedside, left arm, after five minutes of rest."}]}',
    n, 8000 + n % 40, 8000 + n % 40, 8000 + n % 40, n % 5000, n % 5000, n % 20000,
    10 + n % 15, 1 + math.floor(n / 7) % 12, 1 + math.floor(n / 3) % 28, n % 24, n % 60,
    10 + n % 15, 1 + math.floor(n / 7) % 12, 1 + math.floor(n / 3) % 28, n % 24, n % 60,
    n % 300, 60 + n % 80, n % 10)
end
