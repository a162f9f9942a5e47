/**
 * Real states and districts, each district with the first three digits of its PINs.
 *
 * `weight` is the state's share of orders before scaling. `failureLogit` says how much likelier than
 * elsewhere a parcel is to come back; it follows the order of states in public marketplace data of
 * 2022 (Assam, Bihar, Jharkhand and Odisha above, Kerala, Gujarat and Goa below), damped.
 * The first district of a state is its metro, the next ones its larger cities.
 */
export type StateNames = {
  readonly name: string;
  readonly weight: number;
  readonly failureLogit: number;
  readonly region: Region;
  readonly districts: ReadonlyArray<{ readonly name: string; readonly pin: string }>;
};

export type Region = "north" | "south" | "east" | "west" | "north-east";

export const STATES: ReadonlyArray<StateNames> = [
  place(
    "Maharashtra",
    14,
    -0.15,
    "west",
    "Mumbai 400|Pune 411|Nagpur 440|Thane 421|Nashik 422|Aurangabad 431|Kolhapur 416|Solapur 413|" +
      "Palghar 401|Raigad 402|Ahmednagar 414|Satara 415|Jalgaon 425|Amravati 444|Chandrapur 442|" +
      "Dhule 424|Ratnagiri 415|Akola 444|Nanded 431|Latur 413|Yavatmal 445|Wardha 442",
  ),
  place(
    "Karnataka",
    11,
    -0.14,
    "south",
    "Bengaluru Urban 560|Mysuru 570|Belagavi 590|Dharwad 580|Dakshina Kannada 575|Bengaluru Rural 562|" +
      "Tumakuru 572|Udupi 576|Shivamogga 577|Ballari 583|Kalaburagi 585|Vijayapura 586|Bagalkot 587|" +
      "Kolar 563|Mandya 571|Hassan 573|Uttara Kannada 581|Raichur 584",
  ),
  place(
    "Uttar Pradesh",
    11,
    0.14,
    "north",
    "Lucknow 226|Kanpur Nagar 208|Ghaziabad 201|Agra 282|Varanasi 221|Meerut 250|Prayagraj 211|" +
      "Bareilly 243|Gorakhpur 273|Aligarh 202|Moradabad 244|Saharanpur 247|Jhansi 284|Mathura 281|" +
      "Ayodhya 224|Azamgarh 276|Sultanpur 228|Bulandshahr 203",
  ),
  place(
    "Tamil Nadu",
    9,
    -0.03,
    "south",
    "Chennai 600|Coimbatore 641|Madurai 625|Tiruchirappalli 620|Salem 636|Tiruppur 641|Vellore 632|" +
      "Tirunelveli 627|Kanchipuram 631|Erode 638|Thanjavur 613|Cuddalore 607|Dindigul 624|" +
      "Namakkal 637|Thoothukudi 628",
  ),
  place(
    "Telangana",
    8,
    -0.02,
    "south",
    "Hyderabad 500|Rangareddy 501|Warangal 506|Karimnagar 505|Nizamabad 503|Khammam 507|Nalgonda 508|" +
      "Mahabubnagar 509|Medak 502|Adilabad 504|Siddipet 502|Suryapet 508",
  ),
  place(
    "Delhi",
    7,
    -0.04,
    "north",
    "New Delhi 110|South Delhi 110|North West Delhi 110|East Delhi 110|West Delhi 110|" +
      "South West Delhi 110|North Delhi 110|Shahdara 110",
  ),
  place(
    "West Bengal",
    6,
    0.15,
    "east",
    "Kolkata 700|Howrah 711|North 24 Parganas 743|Hooghly 712|Paschim Bardhaman 713|Darjeeling 734|" +
      "Nadia 741|Murshidabad 742|Malda 732|Bankura 722",
  ),
  place(
    "Gujarat",
    6,
    -0.22,
    "west",
    "Ahmedabad 380|Surat 395|Vadodara 390|Rajkot 360|Gandhinagar 382|Bhavnagar 364|Jamnagar 361|" +
      "Kutch 370|Anand 388|Valsad 396|Mehsana 384",
  ),
  place(
    "Rajasthan",
    5,
    0.04,
    "north",
    "Jaipur 302|Jodhpur 342|Udaipur 313|Kota 324|Ajmer 305|Bikaner 334|Alwar 301|Sikar 332|" +
      "Bhilwara 311|Sri Ganganagar 335",
  ),
  place(
    "Haryana",
    5,
    0.0,
    "north",
    "Gurugram 122|Faridabad 121|Panipat 132|Ambala 133|Hisar 125|Karnal 132|Rohtak 124|Sonipat 131",
  ),
  place(
    "Andhra Pradesh",
    5,
    0.07,
    "south",
    "Visakhapatnam 530|NTR 520|Guntur 522|Tirupati 517|Nellore 524|East Godavari 533|Kurnool 518|" +
      "Anantapur 515|Kadapa 516|Srikakulam 532",
  ),
  place(
    "Kerala",
    5,
    -0.18,
    "south",
    "Ernakulam 682|Thiruvananthapuram 695|Kozhikode 673|Thrissur 680|Kollam 691|Malappuram 676|" +
      "Palakkad 678|Kannur 670|Kottayam 686|Alappuzha 688",
  ),
  place(
    "Bihar",
    5,
    0.33,
    "east",
    "Patna 800|Gaya 823|Muzaffarpur 842|Bhagalpur 812|Darbhanga 846|Purnia 854|Saran 841|" +
      "Begusarai 851|Samastipur 848|Nalanda 803",
  ),
  place(
    "Madhya Pradesh",
    4,
    0.08,
    "west",
    "Indore 452|Bhopal 462|Gwalior 474|Jabalpur 482|Ujjain 456|Sagar 470|Rewa 486|Satna 485",
  ),
  place(
    "Punjab",
    4,
    -0.02,
    "north",
    "Ludhiana 141|Amritsar 143|Jalandhar 144|Patiala 147|Mohali 160|Bathinda 151|Hoshiarpur 146",
  ),
  place(
    "Odisha",
    3,
    0.3,
    "east",
    "Khordha 751|Cuttack 753|Sundargarh 769|Sambalpur 768|Ganjam 760|Balasore 756",
  ),
  place(
    "Assam",
    3,
    0.42,
    "north-east",
    "Kamrup Metropolitan 781|Dibrugarh 786|Cachar 788|Jorhat 785|Nagaon 782|Sonitpur 784",
  ),
  place(
    "Jharkhand",
    3,
    0.3,
    "east",
    "Ranchi 834|East Singhbhum 831|Dhanbad 826|Bokaro 827|Hazaribagh 825|Deoghar 814",
  ),
  place("Chhattisgarh", 2, 0.12, "west", "Raipur 492|Durg 491|Bilaspur 495|Korba 495"),
  place(
    "Uttarakhand",
    2,
    0.02,
    "north",
    "Dehradun 248|Haridwar 249|Nainital 263|Udham Singh Nagar 263",
  ),
  place("Himachal Pradesh", 1, 0.0, "north", "Shimla 171|Solan 173|Kangra 176|Mandi 175"),
  place("Jammu and Kashmir", 1, 0.1, "north", "Jammu 180|Srinagar 190|Udhampur 182"),
  place("Goa", 1, -0.3, "west", "North Goa 403|South Goa 403"),
  place("Tripura", 1, 0.3, "north-east", "West Tripura 799|Gomati 799"),
  place("Meghalaya", 1, 0.25, "north-east", "East Khasi Hills 793|West Garo Hills 794"),
  place("Manipur", 1, 0.3, "north-east", "Imphal West 795|Thoubal 795"),
  place("Nagaland", 0.6, 0.3, "north-east", "Dimapur 797|Kohima 797"),
  place("Arunachal Pradesh", 0.6, 0.35, "north-east", "Papum Pare 791|East Siang 791"),
];

function place(
  name: string,
  weight: number,
  failureLogit: number,
  region: Region,
  districts: string,
): StateNames {
  return {
    name,
    weight,
    failureLogit,
    region,
    districts: districts
      .split("|")
      .map((text) => ({ name: text.slice(0, -4), pin: text.slice(-3) })),
  };
}
