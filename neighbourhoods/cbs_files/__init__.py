"""Reading the yearly files of CBS as they are published: each year writes them a little differently.

Pure: paths in, plain rows out, one at a time; raises CbsFileError. What is known of the files, per year:

Full postcodes ("Buurt, wijk en gemeente JJJJ voor postcode huisnummer", 1 August, about 8 million rows, a zip):
``PC6;Huisnummer;Buurt2019;Wijk2019;Gemeente2019``, ``Gem2017`` in 2017, with a comma in 2024 and again a semicolon in
2025. Codes carry no BU, WK or GM, hold letters since about 2022, and lose their leading zeros where a spreadsheet or a
script has read them as numbers.

Names, in the same zip: ``brt2020.csv``, ``wijk_2024.csv``, ``gem2022.csv`` …, two columns, or all levels in one
table (``buurtcode2020;buurtnaam2020;GM_2020;GM2020;GM_NAAM;WK_2020;WK2020;WK_NAAM``), with or without prefix, UTF-8
or Windows text; the region list of StatLine (``Key,Title,…``, keys padded with blanks); ``statcode,statnaam`` of maps.

Key figures: ``kwb-2024.csv`` or .xlsx (``gwb_code_10;…;recs;…;a_inw;…``, some names end in a blank), tables of
StatLine (``AantalInwoners_5``, with a number that changes per revision), the attributes of the Wijk- en Buurtkaart
(``buurtcode,…,aantal_inwoners``). Missing is ``.``, ``NaN``, -99997 or -99999999; decimals have a point or a comma.
"""
